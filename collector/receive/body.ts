import type { Readable, Transform } from 'node:stream';
import zlib from 'node:zlib';
import { GatheredChunks, GatheredInPool, type ReadBody } from './body-memory.ts';
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
    const isLengthKnown = announcedBytes > 0 && !decompressor;
    const gathered = isLengthKnown ? new GatheredInPool(announcedBytes, pool) : new GatheredChunks();
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
