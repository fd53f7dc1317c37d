import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An ext4 file system of its own in an image file, mounted through a loop device. */
export interface LoopDisk {
  image: string;
  folder: string;
  /** Copies the image as it is at one moment, what the file system has not written yet missing: the disk after a power cut. */
  copyAsCut(target: string): Promise<void>;
  unmount(): void;
}

/** Why no file system can be mounted here, in one sentence; null when it can. Linux and root are needed. */
export function mountProblem(folder: string): string | null {
  if (process.platform !== 'linux') return `Mounting a disk image needs Linux; this is ${process.platform}.`;
  if (process.getuid?.() !== 0) return 'Mounting a disk image needs root.';
  try {
    const image = join(folder, 'probe.img');
    createImage(image, 8 * 2 ** 20);
    mountImage(image, join(folder, 'probe')).unmount();
    rmSync(image);
    return null;
  } catch (error) {
    return `A disk image cannot be mounted here: ${(error as Error).message}.`;
  }
}

/** A sparse file with an empty ext4 in it. */
export function createImage(image: string, bytes: number): void {
  writeFileSync(image, '');
  truncateSync(image, bytes);
  run('mkfs.ext4', ['-q', '-F', '-E', 'nodiscard', image]);
}

/** Mounts `image`; its pages are written back seldom, so that a cut loses what nobody has synced. */
export function mountImage(image: string, folder: string): LoopDisk {
  mkdirSync(folder, { recursive: true });
  const device = run('losetup', ['--find', '--show', image]);
  try {
    run('mount', ['-t', 'ext4', '-o', 'commit=60,noatime', device, folder]);
  } catch (error) {
    run('losetup', ['--detach', device]);
    throw error;
  }
  return {
    image,
    folder,
    copyAsCut: target => copyAsCut(device, image, target),
    unmount() {
      run('umount', [folder]);
      run('losetup', ['--detach', device]);
    },
  };
}

/**
 * The kernel goes on writing while the file is copied, and a copy that has the later of two writes but not the earlier is
 * no disk that ever was. So it is copied again until nothing was written meanwhile.
 */
async function copyAsCut(device: string, image: string, target: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const before = writesTo(device);
    run('cp', ['--reflink=auto', '--sparse=always', image, target]);
    const after = writesTo(device);
    if (before.inFlight === 0 && after.inFlight === 0 && before.completed === after.completed) return;
    await sleep(100);
  }
  throw new Error(`${image} could not be copied: it is being written to all the time`);
}

/** See "Block layer statistics" in the kernel's documentation. */
function writesTo(device: string): { completed: number; inFlight: number } {
  const numbers = readFileSync(`/sys/block/${device.replace('/dev/', '')}/stat`, 'utf8')
    .trim()
    .split(/\s+/);
  return { completed: Number(numbers[4]), inFlight: Number(numbers[8]) };
}

function run(command: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr.trim()}`);
  return stdout.trim();
}
