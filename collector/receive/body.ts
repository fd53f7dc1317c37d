import type { Readable, Transform } from 'node:stream';
import zlib from 'node:zlib';
import { type BodyPool, bodyPool } from './body-pool.ts';

/** Bytes we are willing to hold for one request. */
export interface BodyLimits {
  compressedBytes: number;
  bytes: number;
  /** Expansion beyond this, once a body is larger than 1 MiB, is an attack and not telemetry. */
  ratio: number;
}

export const defaultBodyLimits: BodyLimits = {
  compressedBytes: 16 * 1024 * 1024,
  bytes: 64 * 1024 * 1024,
  ratio: 200,
};

const ratioFromBytes = 1024 * 1024;

export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/** The compressed stream is broken or ends early. */
export class BodyUnreadable extends Error {
  override name = 'BodyUnreadable';
}

// zlib has zstd from Node 22.15 on; the types we build against are older.
const createZstd = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;

const decompressors: Record<string, (() => Transform) | undefined> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  zstd: createZstd,
};

/** Content encodings we can undo; `identity` is always possible. */
export function canDecode(encoding: string): boolean {
  return encoding === 'identity' || decompressors[encoding] !== undefined;
}

/** A body that was read, in memory that is used again. */
interface ReadBody {
  body: Buffer;
  /** For when nothing refers to the bytes of `body` any more: another body is written over them. May be left undone. */
  release(): void;
}

/** What is known of a body before it comes. */
interface Announced {
  encoding: string;
  /** Its length as its sender says, which may be wrong; 0 when it does not say. */
  bytes: number;
}

/**
 * Reads and decompresses a body without ever holding more than the limits allow. `onBytes` is told how many more bytes
 * are held and may answer with an error to stop it. Rejects with that, BodyTooLarge or BodyUnreadable; the rest of the
 * input is then left unread. One whose length is known, and that is not compressed, is gathered in memory of `pool`.
 */
export function readBody(
  input: Readable,
  { encoding, bytes: announcedBytes }: Announced,
  limits: BodyLimits,
  onBytes: (bytes: number) => Error | null,
  pool: BodyPool = bodyPool,
): Promise<ReadBody> {
  return new Promise((resolve, reject) => {
    const decompressor = decompressors[encoding]?.();
    const output = decompressor ?? input;
    const gathered = decompressor || announcedBytes === 0 ? new Gathered() : new Slab(announcedBytes, pool);
    let received = 0;
    let isDone = false;
    const fail = (error: Error) => {
      isDone = true;
      gathered.clear();
      input.unpipe();
      decompressor?.destroy();
      reject(error);
    };
    input.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (!isDone && decompressor && received > limits.compressedBytes) {
        fail(tooLarge('compressed ', limits.compressedBytes));
      }
    });
    output.on('data', (chunk: Buffer) => {
      if (isDone) return;
      const size = gathered.size + chunk.length;
      const problem = onBytes(chunk.length) ?? sizeProblem(size, decompressor ? received : size, limits);
      if (problem) fail(problem);
      else gathered.add(chunk);
    });
    output.on('end', () => {
      if (!isDone) resolve(gathered.whole());
      isDone = true;
    });
    input.on('close', () => {
      if (!isDone && !input.readableEnded) {
        fail(new BodyUnreadable('the connection closed before the body was complete'));
      }
    });
    input.on('error', error => {
      if (!isDone) fail(new BodyUnreadable(`the connection broke: ${error.message}`));
    });
    decompressor?.on('error', error => {
      if (!isDone) fail(new BodyUnreadable(`the body is not valid ${encoding}: ${error.message}`));
    });
    if (decompressor) input.pipe(decompressor);
  });
}

const blockBytes = 64 * 1024;

/**
 * Chunks of a body. Small ones are copied together: a body that comes byte by byte would otherwise take a hundred times
 * its size in memory, since each chunk is an object that keeps the whole network buffer it was cut from.
 */
class Gathered {
  size = 0;
  private blocks: Buffer[] = [];
  private last = Buffer.alloc(0);
  private used = 0;

  add(chunk: Buffer): void {
    this.size += chunk.length;
    const isFirst = this.size === chunk.length;
    if (isFirst || chunk.length >= blockBytes / 4) {
      this.closeBlock();
      this.blocks.push(chunk);
      return;
    }
    if (this.used + chunk.length > this.last.length) {
      this.closeBlock();
      this.last = Buffer.allocUnsafe(blockBytes);
    }
    chunk.copy(this.last, this.used);
    this.used += chunk.length;
  }

  whole(): ReadBody {
    this.closeBlock();
    const body = this.blocks.length === 1 ? this.blocks[0]! : Buffer.concat(this.blocks);
    return { body, release() {} };
  }

  clear(): void {
    this.blocks = [];
    this.last = Buffer.alloc(0);
    this.used = 0;
  }

  private closeBlock(): void {
    if (this.used > 0) this.blocks.push(this.last.subarray(0, this.used));
    this.last = Buffer.alloc(0);
    this.used = 0;
  }
}

/** On its sender's word a body gets up to so much memory, and so many times what has come of it. */
const trustedBytes = 1024 * 1024;
const trustedTimes = 16;

/**
 * A body whose length is known, in one piece of memory from the first to the last byte. What is announced costs nothing:
 * the first chunk, which is nearly always all there is of a small body, stays where it came; memory is taken with the
 * second, and what is too small in the end is replaced by twice as much.
 */
class Slab {
  size = 0;
  private readonly announcedBytes: number;
  private readonly pool: BodyPool;
  private first: Buffer | null = null;
  private slab: Buffer | null = null;

  constructor(announcedBytes: number, pool: BodyPool) {
    this.announcedBytes = announcedBytes;
    this.pool = pool;
  }

  add(chunk: Buffer): void {
    const at = this.size;
    this.size += chunk.length;
    if (at === 0) {
      this.first = chunk;
      return;
    }
    const slab = this.slab !== null && this.slab.length >= this.size ? this.slab : this.grown(at);
    chunk.copy(slab, at);
  }

  whole(): ReadBody {
    const { pool, slab, size } = this;
    if (slab === null) return { body: this.first ?? Buffer.alloc(0), release() {} };
    this.slab = null;
    let isHeld = true;
    const release = () => {
      // Twice would give the same memory to two bodies.
      if (isHeld) pool.give(slab);
      isHeld = false;
    };
    return { body: slab.subarray(0, size), release };
  }

  clear(): void {
    this.first = null;
    if (this.slab) this.pool.give(this.slab);
    this.slab = null;
  }

  /** Memory for what has come and, as far as we believe it, what will; with the first `used` bytes of the body. */
  private grown(used: number): Buffer {
    const { announcedBytes, first, pool, size, slab } = this;
    const likely = Math.min(announcedBytes, trustedBytes, trustedTimes * size);
    // Sizes are powers of two, so this is at least twice as much as before.
    const larger = pool.take(Math.max(size, likely));
    (slab ?? first)!.copy(larger, 0, 0, used);
    if (slab) pool.give(slab);
    this.first = null;
    this.slab = larger;
    return larger;
  }
}

function sizeProblem(size: number, received: number, limits: BodyLimits): BodyTooLarge | null {
  if (size > limits.bytes) return tooLarge('', limits.bytes);
  if (size > ratioFromBytes && size > received * limits.ratio) {
    return new BodyTooLarge(`the body expands more than ${limits.ratio} times`);
  }
  return null;
}

function tooLarge(what: string, bytes: number): BodyTooLarge {
  return new BodyTooLarge(`the ${what}body is larger than ${bytes} bytes`);
}
