import { statfs } from 'node:fs/promises';

/** What is kept free of a large disk, so that segments being written can be finished and the databases can clean up. */
const wantedBytes = 256 * 1024 ** 2;
/** The same of a small one. */
const shareOfDisk = 0.05;
const everyMs = 1_000;

/** Watches how much of the disk below a folder is free. */
export class DiskReserve {
  private readonly dir: string;
  private readonly timer: NodeJS.Timeout;
  private low = false;

  constructor(dir: string) {
    this.dir = dir;
    this.timer = setInterval(() => void this.look(), everyMs).unref();
  }

  /** True when only the reserve is left: nothing new should be taken. */
  get isLow(): boolean {
    return this.low;
  }

  async look(): Promise<void> {
    try {
      const { bavail, blocks, bsize } = await statfs(this.dir);
      this.low = bavail * bsize < Math.min(wantedBytes, blocks * bsize * shareOfDisk);
    } catch {
      // A disk that does not answer says so when it is written to.
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
