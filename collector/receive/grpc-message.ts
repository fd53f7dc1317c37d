import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import { type Admission, admit, type Gate } from './admission.ts';
import { type BodyLimits, BodyTooLarge, BodyUnreadable, readBody } from './body.ts';
import { RequestTooSlow } from './refusal.ts';
import type { Sender } from './sender.ts';

/** Before each message: whether it is compressed (u8), and its length (u32, big endian). */
const prefixBytes = 5;

export interface ReadMessageOptions {
  gate: Gate;
  sender: Sender;
  limits: BodyLimits;
  /** From now to the last byte. */
  requestMs: number;
}

/** The `grpc-encoding` of a call's messages that are marked as compressed. */
export function messageEncoding(headers: IncomingHttpHeaders): string {
  return headers['grpc-encoding']?.toString().toLowerCase() || 'identity';
}

/**
 * Reads the only message of a call; whoever gets it ends its admission. Rejects like readBody, and with KeyLimitReached,
 * Overloaded or RequestTooSlow; then nothing is held.
 */
export function readMessage(
  stream: ServerHttp2Stream,
  encoding: string,
  options: ReadMessageOptions,
): Promise<{ body: Buffer; admission: Admission }> {
  return new Promise((resolve, reject) => {
    const tooSlow = () => reject(new RequestTooSlow(`not sent within ${options.requestMs} ms`));
    const timer = setTimeout(tooSlow, options.requestMs);
    read(stream, encoding, options)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

async function read(stream: Readable, encoding: string, { gate, sender, limits }: ReadMessageOptions) {
  const prefix = await readPrefix(stream);
  const isCompressed = prefix[0] === 1;
  if (isCompressed && encoding === 'identity') {
    throw new BodyUnreadable('the message is marked as compressed, but grpc-encoding is missing');
  }
  const length = prefix.readUInt32BE(1);
  const maximum = isCompressed ? limits.compressedBytes : limits.bytes;
  if (length > maximum) throw new BodyTooLarge(`the message is larger than ${maximum} bytes`);
  const admission = admit(gate, sender, length);
  try {
    let received = 0;
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    const announced = { encoding: isCompressed ? encoding : 'identity', bytes: 0 };
    const { body } = await readBody(stream, announced, limits, admission.hold);
    if (received !== length) throw new BodyUnreadable('the message is not as long as its prefix says');
    return { body, admission };
  } catch (error) {
    admission.end();
    throw error;
  }
}

function readPrefix(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (prefix: Buffer | null) => {
      for (const event of events) stream.off(event, look);
      if (prefix?.length === prefixBytes) resolve(prefix);
      else reject(new BodyUnreadable('the call ended without a message'));
    };
    const look = () => {
      const prefix = stream.read(prefixBytes) as Buffer | null;
      if (prefix !== null || stream.readableEnded || stream.destroyed) done(prefix);
    };
    const events = ['readable', 'end', 'close', 'error'];
    for (const event of events) stream.on(event, look);
  });
}
