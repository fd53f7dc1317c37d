import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bodyLength,
  decodeRecord,
  peek,
  peekBytes,
  prefixBytes,
  segmentMagic,
  type WalRecord,
} from './record.ts';

/** Where a record is: it stays there as long as somebody holds its segment. */
export interface WalPosition {
  segment: number;
  from: number;
  to: number;
}

export interface ReadRecord {
  /** Null when the bytes are damaged but their length could be trusted, so that what follows is readable. */
  record: WalRecord | null;
  /** Offset behind it. */
  end: number;
}

export function segmentPath(dir: string, id: number): string {
  return join(dir, `${String(id).padStart(16, '0')}.wal`);
}

/** Id of a segment file name, null for other files. */
export function segmentId(fileName: string): number | null {
  const digits = /^(\d{16})\.wal$/.exec(fileName)?.[1];
  return digits === undefined ? null : Number(digits);
}

/**
 * Records from `from` (0 = the beginning) up to `to`, or the end of the file. Ends early, without an error, where no
 * record can be recognised; the caller compares the last `end` with what it expected.
 */
export async function* readRecords(
  path: string,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<ReadRecord> {
  const file = await open(path, 'r');
  try {
    const size = Math.min(to, (await file.stat()).size);
    if (from === 0 && !(await hasMagic(file))) return;
    const blocks = new BlockReader(file, size);
    let at = from || segmentMagic.length;
    while (at + prefixBytes <= size) {
      const prefix = await blocks.read(at, prefixBytes);
      const length = prefix && bodyLength(prefix);
      if (!prefix || length === null || at + prefixBytes + (length ?? 0) > size) return;
      const body = await blocks.read(at + prefixBytes, length ?? 0);
      if (!body) return;
      at += prefixBytes + body.length;
      yield { record: decodeRecord(prefix, body), end: at };
    }
  } finally {
    await file.close();
  }
}

/**
 * Items, the end of the last whole record, and when the first was received (0 when there is none), by reading the prefixes
 * only.
 */
export async function scanSegment(
  path: string,
): Promise<{ items: number; end: number; size: number; receivedAtMs: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let items = 0;
    let receivedAtMs = 0;
    let at = (await hasMagic(file)) ? segmentMagic.length : size + 1;
    while (at + prefixBytes + peekBytes <= size) {
      const start = await readExactly(file, at, prefixBytes + peekBytes);
      const length = start && bodyLength(start);
      if (!start || length === null || at + prefixBytes + (length ?? 0) > size) break;
      const peeked = peek(start.subarray(prefixBytes));
      items += peeked.items;
      if (receivedAtMs === 0 && isTime(peeked.receivedAtMs)) receivedAtMs = peeked.receivedAtMs;
      at += prefixBytes + (length ?? 0);
    }
    return { items, end: Math.min(at, size), size, receivedAtMs };
  } finally {
    await file.close();
  }
}

/** Unchecked bytes may say anything; what no date can hold is none. */
const isTime = (ms: number) => ms > 0 && ms < 8.64e15;

/**
 * Cuts the newest segment behind its last intact record: what follows was being written when the process died and was
 * never acknowledged. Returns the bytes that were cut.
 */
export async function truncateTail(path: string): Promise<number> {
  let end = 0;
  for await (const read of readRecords(path)) {
    // A damaged record with intact ones behind it is no torn tail: it stays, and is noticed when it is replayed.
    if (read.record !== null) end = read.end;
  }
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    if (size > end) {
      await file.truncate(end);
      await file.datasync();
    }
    return size - end;
  } finally {
    await file.close();
  }
}

/** Makes creations and deletions in a folder survive a power cut. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const blockBytes = 1024 * 1024;

/** Reads a file from front to back in large pieces: most requests are small, and each read costs as much as decoding one. */
class BlockReader {
  private readonly file: FileHandle;
  private readonly size: number;
  private block: Buffer = Buffer.alloc(0);
  private start = 0;

  /** Nothing from offset `size` on is read. */
  constructor(file: FileHandle, size: number) {
    this.file = file;
    this.size = size;
  }

  /** A view of the bytes, which are not written over later; null when the file ends before. */
  async read(at: number, length: number): Promise<Buffer | null> {
    if (at < this.start || at + length > this.start + this.block.length) {
      const block = await readExactly(this.file, at, Math.max(length, Math.min(blockBytes, this.size - at)));
      if (block === null) return null;
      this.block = block;
      this.start = at;
    }
    return this.block.subarray(at - this.start, at - this.start + length);
  }
}

async function hasMagic(file: FileHandle): Promise<boolean> {
  return (await readExactly(file, 0, segmentMagic.length))?.equals(segmentMagic) ?? false;
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return buffer;
}
