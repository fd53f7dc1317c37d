import { type FileHandle, open } from 'node:fs/promises';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import { segmentMagic } from './record.ts';
import { segmentPath, syncFolder, type WalPosition } from './segment-file.ts';

/** A segment is closed at whichever comes first. */
export interface SegmentLimits {
  items: number;
  bytes: number;
  ageMs: number;
}

export interface SegmentWriterOptions {
  dir: string;
  nextId: number;
  limits: Partial<SegmentLimits>;
  log: CollectorLog;
  crashPoint: CrashPoint;
  onOpen: (id: number) => void;
  onSealed: (id: number) => void;
}

const defaultLimits: SegmentLimits = { items: 10_000, bytes: 16 * 1024 * 1024, ageMs: 1000 };
/** Linux takes at most 1024 buffers in one writev. */
const maxBuffers = 1000;

interface Pending {
  chunks: Uint8Array[];
  bytes: number;
  items: number;
  hold: (id: number) => void;
  resolve: (position: WalPosition) => void;
  reject: (error: unknown) => void;
}

interface OpenSegment {
  id: number;
  file: FileHandle;
  bytes: number;
  items: number;
  ageTimer: NodeJS.Timeout;
}

/**
 * Group commit: while one flush (writev, then fdatasync) runs, appends gather; the next flush takes them all. There is no
 * timer to wait for, so a lone sender pays one fdatasync and a hundred senders share one.
 */
export class SegmentWriter {
  private readonly options: SegmentWriterOptions;
  private readonly limits: SegmentLimits;
  private nextId: number;
  private pending: Pending[] = [];
  private current: OpenSegment | null = null;
  private running: Promise<void> | null = null;
  private aged = false;

  constructor(options: SegmentWriterOptions) {
    this.options = options;
    this.limits = { ...defaultLimits, ...options.limits };
    this.nextId = options.nextId;
  }

  /** Resolves when the chunks are on stable storage. `hold` is called with the segment before anything can release it. */
  append(
    chunks: Uint8Array[],
    bytes: number,
    items: number,
    hold: (id: number) => void,
  ): Promise<WalPosition> {
    return new Promise((resolve, reject) => {
      this.pending.push({ chunks, bytes, items, hold, resolve, reject });
      this.run();
    });
  }

  async close(): Promise<void> {
    while (this.running) await this.running;
    await this.seal();
  }

  private run(): void {
    this.running ??= this.flushAll().finally(() => {
      this.running = null;
      if (this.pending.length > 0 || this.aged) this.run();
    });
  }

  private async flushAll(): Promise<void> {
    while (this.pending.length > 0) {
      const batch = this.pending;
      this.pending = [];
      await this.flush(batch);
      if (this.isFull()) await this.seal();
    }
    if (this.aged) await this.seal();
  }

  private isFull(): boolean {
    const { current, limits } = this;
    return current !== null && (this.aged || current.items >= limits.items || current.bytes >= limits.bytes);
  }

  private async flush(batch: Pending[]): Promise<void> {
    try {
      const segment = this.current ?? (await this.open());
      const start = segment.bytes;
      await writeAll(
        segment.file,
        batch.flatMap(({ chunks }) => chunks),
        start,
      );
      await this.options.crashPoint('wal-before-fsync');
      await segment.file.datasync();
      await this.options.crashPoint('wal-after-fsync');
      this.acknowledge(segment, batch);
    } catch (error) {
      await this.abandon(error);
      for (const { reject } of batch) reject(error);
    }
  }

  private acknowledge(segment: OpenSegment, batch: Pending[]): void {
    for (const { bytes, items, hold, resolve } of batch) {
      hold(segment.id);
      const from = segment.bytes;
      segment.bytes += bytes;
      segment.items += items;
      resolve({ segment: segment.id, from, to: segment.bytes });
    }
  }

  private async open(): Promise<OpenSegment> {
    const id = this.nextId++;
    const file = await open(segmentPath(this.options.dir, id), 'wx');
    this.options.onOpen(id);
    const ageTimer = setTimeout(() => {
      this.aged = true;
      this.run();
    }, this.limits.ageMs);
    ageTimer.unref();
    this.aged = false;
    this.current = { id, file, bytes: segmentMagic.length, items: 0, ageTimer };
    await writeAll(file, [segmentMagic], 0);
    await syncFolder(this.options.dir);
    return this.current;
  }

  private async seal(): Promise<void> {
    const segment = this.current;
    this.current = null;
    this.aged = false;
    if (!segment) return;
    clearTimeout(segment.ageTimer);
    try {
      await segment.file.close();
    } catch (error) {
      this.options.log.warn({ error }, 'could not close a segment of the write-ahead log');
    }
    this.options.onSealed(segment.id);
  }

  /** After a failed write nobody knows what is behind the last good record, so the file is cut there and not used again. */
  private async abandon(error: unknown): Promise<void> {
    this.options.log.error({ error }, 'could not write to the write-ahead log');
    try {
      await this.current?.file.truncate(this.current.bytes);
      await this.current?.file.datasync();
    } catch {
      // Then the reader stops at the garbage and keeps what is before it.
    }
    await this.seal();
  }
}

async function writeAll(file: FileHandle, chunks: Uint8Array[], position: number): Promise<void> {
  let at = position;
  for (let first = 0; first < chunks.length; first += maxBuffers) {
    let rest = chunks.slice(first, first + maxBuffers);
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest, at);
      if (bytesWritten === 0 && rest.some(chunk => chunk.length > 0))
        throw new Error('the disk took no bytes');
      at += bytesWritten;
      rest = behind(rest, bytesWritten);
    }
  }
}

/** What is left of `chunks` after their first `bytes`. */
function behind(chunks: Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  for (const [index, chunk] of chunks.entries()) {
    if (skip < chunk.length) return [chunk.subarray(skip), ...chunks.slice(index + 1)];
    skip -= chunk.length;
  }
  return [];
}
