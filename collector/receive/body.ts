import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
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
 * request is then left unread.
 */
export function readBody(
  request: IncomingMessage,
  encoding: string,
  limits: BodyLimits,
  onBytes: (bytes: number) => Error | null,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const decompressor = decompressors[encoding]?.();
    const output = decompressor ?? request;
    let chunks: Buffer[] = [];
    let received = 0;
    let size = 0;
    let isDone = false;
    const fail = (error: Error) => {
      isDone = true;
      chunks = [];
      request.unpipe();
      decompressor?.destroy();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (!isDone && decompressor && received > limits.compressedBytes) {
        fail(tooLarge('compressed ', limits.compressedBytes));
      }
    });
    output.on('data', (chunk: Buffer) => {
      if (isDone) return;
      chunks.push(chunk);
      size += chunk.length;
      const problem = onBytes(chunk.length) ?? sizeProblem(size, decompressor ? received : size, limits);
      if (problem) fail(problem);
    });
    output.on('end', () => {
      isDone = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('close', () => {
      if (!isDone && !request.complete)
        fail(new BodyUnreadable('the connection closed before the body was complete'));
    });
    request.on('error', fail);
    decompressor?.on('error', error => {
      if (!isDone) fail(new BodyUnreadable(`the body is not valid ${encoding}: ${error.message}`));
    });
    if (decompressor) request.pipe(decompressor);
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
