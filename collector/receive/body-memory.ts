import { Buffer } from 'node:buffer';
import type { BodyPool } from './body-pool.ts';

/** A body that was read, in memory that is used again. */
export interface ReadBody {
  body: Buffer;
  /** For when nothing refers to the bytes of `body` any more: another body is written over them. May be left undone. */
  release(): void;
}

const blockBytes = 64 * 1024;

/**
 * Chunks of a body. Small ones are copied together: a body that comes byte by byte would otherwise take a hundred times
 * its size in memory, since each chunk is an object that keeps the whole network buffer it was cut from.
 */
export class GatheredChunks {
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
export class GatheredInPool {
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
