import { Buffer } from 'node:buffer';

/** Shorter bodies share one size. */
const smallestBytes = 4 * 1024;

/** Memory for bodies that is used again: to let the garbage collector take it costs more than filling it. */
export interface BodyPool {
  /**
   * At least `bytes` of memory, whatever it holds, for whoever gives it back when nothing refers to it any more, or
   * forgets it. Never more than twice as much as was asked for, beyond the smallest of 4 KiB.
   */
  take(bytes: number): Buffer;
  /** What came from `take`, once. */
  give(slab: Buffer): void;
  /** Bytes that wait to be taken again. */
  readonly keptBytes: number;
}

/** `maxKeptBytes`: how much may wait to be taken again; more is left to the garbage collector. */
export function createBodyPool(maxKeptBytes: number): BodyPool {
  /** By the power of two that is their size. */
  const free: Buffer[][] = Array.from({ length: 32 }, () => []);
  let keptBytes = 0;
  return {
    take(bytes) {
      const power = powerFor(bytes);
      const slab = free[power]!.pop();
      // A Buffer of its own: others share memory with their neighbours.
      if (slab === undefined) return Buffer.allocUnsafeSlow(2 ** power);
      keptBytes -= slab.length;
      return slab;
    },
    give(slab) {
      if (keptBytes + slab.length > maxKeptBytes) return;
      keptBytes += slab.length;
      free[powerFor(slab.length)]!.push(slab);
    },
    get keptBytes() {
      return keptBytes;
    },
  };
}

function powerFor(bytes: number): number {
  return Math.ceil(Math.log2(Math.max(bytes, smallestBytes)));
}

/** For bodies of known length, as OTLP over HTTP sends them. */
export const bodyPool = createBodyPool(64 * 1024 * 1024);
