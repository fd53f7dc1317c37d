import { randomBytes } from 'node:crypto';
import type { CollectorLog } from '../hooks.ts';
import { rpcCode } from '../otlp/answer.ts';
import type { Signal } from '../otlp/proto.ts';
import { MalformedBody } from '../otlp/wire.ts';
import { WalFull } from '../wal/wal.ts';
import { BodyTooLarge, BodyUnreadable } from './body.ts';
import { TooManyItems } from './intake.ts';

/** Why nothing of a request was taken, in the words of HTTP and of gRPC. */
export interface Refusal {
  httpStatus: number;
  rpcCode: number;
  message: string;
  /** When to try again; absent when the same request would be refused again. */
  retryAfterS?: number;
  /** Name under which it is counted. */
  reason: string;
}

/** Something that was refused whole, as far as it is known what it was. */
export interface Refused {
  signal: Signal | null;
  projectId: string | null;
  reason: string;
  message: string;
}

/** No answer within the time senders wait: they will come back, and we may have the data twice, which does no harm. */
class AckTooSlow extends Error {
  override name = 'AckTooSlow';
}

/** Too much is being received at this moment. */
export class Overloaded extends Error {
  override name = 'Overloaded';
}

/** This key has sent more than its share; others are not affected. */
export class KeyLimitReached extends Error {
  override name = 'KeyLimitReached';
  readonly waitMs: number;

  constructor(waitMs: number) {
    super('this key has sent more than it may at the moment');
    this.waitMs = waitMs;
  }
}

/** The body did not come in the time there is for it. */
export class RequestTooSlow extends Error {
  override name = 'RequestTooSlow';
}

/** The answer when no known key was given. */
export const unauthorized = refuse(401, rpcCode.unauthenticated, 'an ingest key is needed', 'unauthorized');

/**
 * The answer for an error while receiving. What we do not understand is our own fault, so the sender may come back: it is
 * 503 and never 500, which some senders do not repeat. It is logged under an id that the sender is told.
 */
export function refusalOf(error: unknown, log: CollectorLog): Refusal {
  const known = knownRefusal(error);
  if (known) return known;
  const errorId = randomBytes(4).toString('hex');
  log.error({ error, errorId }, 'could not take a request');
  const message = `the data could not be stored (error ${errorId})`;
  return { ...refuse(503, rpcCode.unavailable, message, 'internal_error'), retryAfterS: 5 };
}

function knownRefusal(error: unknown): Refusal | null {
  const { message } = error as Error;
  if (error instanceof MalformedBody) return refuse(400, rpcCode.invalidArgument, message, 'malformed_body');
  if (error instanceof BodyUnreadable)
    return refuse(400, rpcCode.invalidArgument, message, 'unreadable_body');
  if (error instanceof BodyTooLarge) return refuse(413, rpcCode.resourceExhausted, message, 'body_too_large');
  if (error instanceof TooManyItems) return refuse(413, rpcCode.resourceExhausted, message, 'too_many_items');
  if (error instanceof RequestTooSlow)
    return refuse(408, rpcCode.deadlineExceeded, message, 'request_too_slow');
  if (error instanceof KeyLimitReached) {
    const retryAfterS = Math.ceil(error.waitMs / 1000);
    return { ...refuse(429, rpcCode.resourceExhausted, message, 'key_limit'), retryAfterS };
  }
  if (error instanceof WalFull) {
    // A full log means that the store has been away for long: who came back sooner would be turned away again, all senders
    // at once. Those that give up because it is longer than their time-out (HTTP exporters for JavaScript, 10 s) would not
    // have got through within that either.
    return { ...refuse(503, rpcCode.unavailable, message, 'storage_full'), retryAfterS: 30 };
  }
  if (error instanceof Overloaded)
    return { ...refuse(503, rpcCode.unavailable, message, 'overloaded'), retryAfterS: 1 };
  if (error instanceof AckTooSlow)
    return { ...refuse(503, rpcCode.unavailable, message, 'ack_too_slow'), retryAfterS: 5 };
  return null;
}

export function refuse(httpStatus: number, code: number, message: string, reason: string): Refusal {
  return { httpStatus, rpcCode: code, message, reason };
}

/** `promise`, or AckTooSlow after `ms`. */
export function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new AckTooSlow(`not stored within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
