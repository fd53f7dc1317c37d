import {
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../wal/segment-file.ts';

/** A segment of the write-ahead log that waits to be forwarded. */
export interface QueuedFile {
  name: string;
  path: string;
  bytes: number;
  /** Sent or refused since this process opened it. */
  doneItems: number;
  /** Set when it has been dropped while it was being read. */
  isDropped: boolean;
}

interface Progress {
  file: string;
  offset: number;
}

const progressFile = 'progress.json';

/**
 * Files that wait to be forwarded, oldest first, in a folder of their own. They are hard links to segments of the
 * write-ahead log: no byte is written twice, and the log deletes its own name whenever it likes.
 *
 * A file that is done while the log still has it stays under the name `….done` until the log has let go, so that after a
 * crash a segment that was forwarded can be told from one that was never linked.
 */
export class ForwardQueue {
  readonly dir: string;
  private readonly now: () => number;
  private files: QueuedFile[] = [];
  private done: string[] = [];
  private lastNumber = 0;
  private progress: Progress | null = null;
  private adding: { path: string; settle: (error: unknown) => void }[] = [];
  private isAdding = false;

  /** Use openForwardQueue. */
  constructor(dir: string, now: () => number) {
    this.dir = dir;
    this.now = now;
  }

  get bytes(): number {
    return this.files.reduce((sum, file) => sum + file.bytes, 0);
  }

  get length(): number {
    return this.files.length;
  }

  get first(): QueuedFile | undefined {
    return this.files[0];
  }

  async load(): Promise<void> {
    await mkdir(this.dir, { recursive: true });
    for (const name of (await readdir(this.dir)).sort()) {
      const number = /^(\d{16})\.(wal|done)$/.exec(name);
      if (!number) continue;
      this.lastNumber = Math.max(this.lastNumber, Number(number[1]));
      if (number[2] === 'done') this.done.push(name);
      else this.files.push(await this.describe(name));
    }
    this.progress = await this.readProgress();
  }

  /** Takes over segments that an earlier process left in the log, unless they are here already. */
  async adopt(paths: readonly string[]): Promise<void> {
    const known = new Set<number>();
    for (const name of [...this.files.map(file => file.name), ...this.done]) {
      known.add((await stat(join(this.dir, name))).ino);
    }
    const missing: string[] = [];
    for (const path of paths) if (!known.has((await stat(path)).ino)) missing.push(path);
    await Promise.all(missing.map(path => this.add(path)));
    await this.sweep();
  }

  /** Resolves when the link would survive a power cut. Several at once share one sync of the folder. */
  add(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.adding.push({ path, settle: error => (error === null ? resolve() : reject(error)) });
      if (!this.isAdding) void this.addAll();
    });
  }

  /** Where to go on reading this file. */
  offsetIn(file: QueuedFile): number {
    return this.progress?.file === file.name ? this.progress.offset : 0;
  }

  /** Remembers durably that everything before `offset` is done. */
  async save(file: QueuedFile, offset: number): Promise<void> {
    const draft = join(this.dir, `${progressFile}.draft`);
    const handle = await open(draft, 'w');
    try {
      await handle.writeFile(JSON.stringify({ file: file.name, offset }));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(draft, join(this.dir, progressFile));
    this.progress = { file: file.name, offset };
  }

  /** Takes a file off the queue. Not synced: after a power cut it is forwarded once more. */
  async remove(file: QueuedFile): Promise<void> {
    if (!this.files.includes(file)) return;
    this.files = this.files.filter(other => other !== file);
    if ((await stat(file.path)).nlink > 1) {
      const name = file.name.replace(/wal$/, 'done');
      await rename(file.path, join(this.dir, name));
      this.done.push(name);
    } else await unlink(file.path);
    await this.sweep();
  }

  /** Never rejects: each failure goes to whoever added the path. */
  private async addAll(): Promise<void> {
    this.isAdding = true;
    while (this.adding.length > 0) {
      const batch = this.adding;
      this.adding = [];
      const added: typeof batch = [];
      for (const one of batch) {
        try {
          await this.linkOne(one.path);
          added.push(one);
        } catch (error) {
          one.settle(error);
        }
      }
      const problem = await syncFolder(this.dir).then(
        () => null,
        (error: unknown) => error,
      );
      for (const { settle } of added) settle(problem);
    }
    this.isAdding = false;
  }

  private async linkOne(path: string): Promise<void> {
    // Never a number that was used before, or the progress of a former file would be taken for that of this one.
    this.lastNumber = Math.max(this.lastNumber + 1, this.now());
    const name = `${String(this.lastNumber).padStart(16, '0')}.wal`;
    const target = join(this.dir, name);
    try {
      await link(path, target);
    } catch (error) {
      // Folders on two file systems, or one without hard links.
      if (!['EXDEV', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await copyDurably(path, target);
    }
    const file = await this.describe(name);
    // Only now: what `files` was before the wait may have been replaced.
    this.files.push(file);
  }

  private async describe(name: string): Promise<QueuedFile> {
    const path = join(this.dir, name);
    return { name, path, bytes: (await stat(path)).size, doneItems: 0, isDropped: false };
  }

  /** Removes what is done and was only kept because the log still had it. */
  private async sweep(): Promise<void> {
    const names = this.done;
    this.done = [];
    for (const name of names) {
      const path = join(this.dir, name);
      if ((await stat(path)).nlink > 1) this.done.push(name);
      else await unlink(path);
    }
  }

  private async readProgress(): Promise<Progress | null> {
    try {
      const read = JSON.parse(await readFile(join(this.dir, progressFile), 'utf8')) as Partial<Progress>;
      return typeof read.file === 'string' && typeof read.offset === 'number'
        ? { file: read.file, offset: read.offset }
        : null;
    } catch {
      // Then the file is forwarded from its beginning, which does no harm.
      return null;
    }
  }
}

async function copyDurably(path: string, target: string): Promise<void> {
  const draft = `${target}.draft`;
  await copyFile(path, draft, constants.COPYFILE_FICLONE);
  const handle = await open(draft, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(draft, target);
}

/** Opens (or makes) the queue in `dir`. */
export async function openForwardQueue(dir: string, now: () => number): Promise<ForwardQueue> {
  const queue = new ForwardQueue(dir, now);
  await queue.load();
  return queue;
}
