import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectorLog, CrashPoint } from '../hooks.ts';
import { DiskReserve } from './disk-reserve.ts';
import { encodeRecord, type WalRecord } from './record.ts';
import {
  scanSegment,
  segmentId,
  segmentPath,
  syncFolder,
  truncateTail,
  type WalPosition,
} from './segment-file.ts';
import { type SegmentLimits, SegmentWriter } from './segment-writer.ts';

export interface WalOptions {
  dir: string;
  /** Appends beyond this are refused; 5 GiB by default. */
  maxBytes?: number;
  limits?: Partial<SegmentLimits>;
  /** Told of each segment that is complete, which is not deleted before this resolves. Nobody waits for it. */
  onSealed?: (path: string) => Promise<void>;
  log: CollectorLog;
  crashPoint: CrashPoint;
}

/** What an earlier process left: everything in it was acknowledged and may not be stored yet. */
export interface LeftoverSegment extends WalPosition {
  items: number;
  /** When the first of them was received; 0 when none can be read. */
  receivedAtMs: number;
}

/** The log has reached its size limit, or the disk its end; the sender should keep the data and come back. */
export class WalFull extends Error {
  override name = 'WalFull';
}

interface Segment {
  bytes: number;
  /** Reasons to keep the file: one per record that is not stored and settled, one while it is being written. */
  holds: number;
  damaged: boolean;
}

const defaultMaxBytes = 5 * 1024 ** 3;

/**
 * The write-ahead log: segment files that are appended to by group commit and deleted when nobody holds them any more.
 * `append` resolves after fdatasync, with one hold on the record's segment that belongs to the caller.
 */
export class Wal {
  private readonly segments = new Map<number, Segment>();
  private readonly options: WalOptions;
  private readonly writer: SegmentWriter;
  private readonly reserve: DiskReserve;
  private totalBytes = 0;
  private deleting: Promise<void> = Promise.resolve();
  private readonly telling = new Set<Promise<void>>();

  /** Use openWal. */
  constructor(options: WalOptions, nextId: number) {
    this.options = options;
    this.reserve = new DiskReserve(options.dir);
    this.writer = new SegmentWriter({
      dir: options.dir,
      nextId,
      limits: options.limits ?? {},
      log: options.log,
      crashPoint: options.crashPoint,
      // The writer itself holds the segment it writes to.
      onOpen: id => {
        this.segments.set(id, { bytes: 0, holds: 1, damaged: false });
      },
      onSealed: id => this.tellSealed(id),
    });
  }

  /** Bytes in all segment files, written or about to be. */
  get bytes(): number {
    return this.totalBytes;
  }

  /** Rejects with WalFull at the size limit, or with the file system's error; then nothing was accepted. */
  async append(record: WalRecord): Promise<WalPosition> {
    const chunks = encodeRecord(record);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const maxBytes = this.options.maxBytes ?? defaultMaxBytes;
    if (this.totalBytes + bytes > maxBytes) {
      throw new WalFull(`the write-ahead log has reached its limit of ${maxBytes} bytes`);
    }
    if (this.reserve.isLow) throw new WalFull('the disk is full but for a small reserve');
    this.totalBytes += bytes;
    try {
      const position = await this.writer.append(chunks, bytes, record.items, id => {
        this.segments.get(id)!.holds++;
      });
      this.segments.get(position.segment)!.bytes += bytes;
      return position;
    } catch (error) {
      this.totalBytes -= bytes;
      throw error;
    }
  }

  /** Gives holds back; the last one deletes the file. */
  release(id: number, holds = 1): void {
    const segment = this.segments.get(id);
    if (!segment) return;
    segment.holds -= holds;
    if (segment.holds > 0) return;
    this.segments.delete(id);
    this.totalBytes -= segment.bytes;
    this.deleting = this.deleting.then(() => this.remove(id, segment.damaged));
  }

  /** The segment has bytes that are not what was written: its file goes to `quarantine` in the end, instead of away. */
  markDamaged(id: number): void {
    const segment = this.segments.get(id);
    if (segment) segment.damaged = true;
  }

  /** Adopts what an earlier process left; each segment comes with one hold for the caller. */
  async adoptLeftovers(ids: number[]): Promise<LeftoverSegment[]> {
    const leftovers: LeftoverSegment[] = [];
    for (const [index, id] of ids.entries()) {
      const path = segmentPath(this.options.dir, id);
      if (index === ids.length - 1) await this.cutTail(path);
      const { items, size, receivedAtMs } = await scanSegment(path);
      this.segments.set(id, { bytes: size, holds: 1, damaged: false });
      this.totalBytes += size;
      leftovers.push({ segment: id, from: 0, to: size, items, receivedAtMs });
    }
    return leftovers;
  }

  /** Waits for what has been appended and closes the files; segments still held stay for the next start. */
  async close(): Promise<void> {
    this.reserve.stop();
    await this.writer.close();
    await Promise.all(this.telling);
    await this.deleting;
  }

  /** The writer lets go of a segment, once everybody who wanted to know of it does. */
  private tellSealed(id: number): void {
    const { dir, onSealed, log } = this.options;
    if (!onSealed) {
      this.release(id);
      return;
    }
    const path = segmentPath(dir, id);
    const told = onSealed(path)
      .catch((error: unknown) => log.error({ error, path }, 'could not tell of a complete segment'))
      .then(() => {
        this.release(id);
        this.telling.delete(told);
      });
    this.telling.add(told);
  }

  private async cutTail(path: string): Promise<void> {
    const cut = await truncateTail(path);
    if (cut > 0)
      this.options.log.warn({ path, bytes: cut }, 'cut a half-written record off the write-ahead log');
  }

  private async remove(id: number, damaged: boolean): Promise<void> {
    const { dir, log, crashPoint } = this.options;
    const path = segmentPath(dir, id);
    try {
      if (damaged) {
        await mkdir(join(dir, 'quarantine'), { recursive: true });
        await rename(path, segmentPath(join(dir, 'quarantine'), id));
      } else await unlink(path);
      await crashPoint('segment-deleted');
      await syncFolder(dir);
    } catch (error) {
      // It comes back at the next start and is stored again, which changes nothing.
      log.warn({ path, error }, 'could not delete a segment of the write-ahead log');
    }
  }
}

/** Opens (or makes) the log in `dir` and reports what an earlier process left in it, oldest first. */
export async function openWal(options: WalOptions): Promise<{ wal: Wal; leftovers: LeftoverSegment[] }> {
  await mkdir(options.dir, { recursive: true });
  const ids: number[] = [];
  for (const name of await readdir(options.dir)) {
    const id = segmentId(name);
    if (id === null) continue;
    if ((await stat(join(options.dir, name))).size === 0) await unlink(join(options.dir, name));
    else ids.push(id);
  }
  ids.sort((a, b) => a - b);
  // What was set aside keeps its number.
  const aside = await readdir(join(options.dir, 'quarantine')).catch(() => []);
  const last = aside.reduce((most, name) => Math.max(most, segmentId(name) ?? 0), ids.at(-1) ?? 0);
  const wal = new Wal(options, last + 1);
  const leftovers = await wal.adoptLeftovers(ids);
  return { wal, leftovers };
}
