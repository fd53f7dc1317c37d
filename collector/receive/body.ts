import type { Readable, Transform } from 'node:stream';
import zlib from 'node:zlib';

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

/**
 * Reads and decompresses a body without ever holding more than the limits allow. `onBytes` is told how many more bytes
 * are held and may answer with an error to stop it. Rejects with that, BodyTooLarge or BodyUnreadable; the rest of the
 * input is then left unread.
 */
export function readBody(
  input: Readable,
  encoding: string,
  limits: BodyLimits,
  onBytes: (bytes: number) => Error | null,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const decompressor = decompressors[encoding]?.();
    const output = decompressor ?? input;
    const gathered = new Gathered();
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
      gathered.add(chunk);
      const { size } = gathered;
      const problem = onBytes(chunk.length) ?? sizeProblem(size, decompressor ? received : size, limits);
      if (problem) fail(problem);
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

  whole(): Buffer {
    this.closeBlock();
    return this.blocks.length === 1 ? this.blocks[0]! : Buffer.concat(this.blocks);
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
