import { rpcCode } from '../otlp/answer.ts';
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

/** No answer within the time senders wait: they will come back, and we may have the data twice, which does no harm. */
class AckTooSlow extends Error {
  override name = 'AckTooSlow';
}

/** Too much is being received at this moment. */
export class Overloaded extends Error {
  override name = 'Overloaded';
}

/**
 * The answer for an error while receiving. What we do not understand is our own fault, so the sender may come back: it is
 * 503 and never 500, which some senders do not repeat.
 */
export function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof MalformedBody) return refuse(400, rpcCode.invalidArgument, message, 'malformed_body');
  if (error instanceof BodyUnreadable)
    return refuse(400, rpcCode.invalidArgument, message, 'unreadable_body');
  if (error instanceof BodyTooLarge) return refuse(413, rpcCode.resourceExhausted, message, 'body_too_large');
  if (error instanceof TooManyItems) return refuse(413, rpcCode.resourceExhausted, message, 'too_many_items');
  if (error instanceof WalFull) {
    return { ...refuse(503, rpcCode.unavailable, message, 'storage_full'), retryAfterS: 30 };
  }
  if (error instanceof Overloaded)
    return { ...refuse(503, rpcCode.unavailable, message, 'overloaded'), retryAfterS: 1 };
  if (error instanceof AckTooSlow)
    return { ...refuse(503, rpcCode.unavailable, message, 'ack_too_slow'), retryAfterS: 5 };
  return {
    ...refuse(503, rpcCode.unavailable, 'the data could not be stored', 'internal_error'),
    retryAfterS: 5,
  };
}

function refuse(httpStatus: number, code: number, message: string, reason: string): Refusal {
  return { httpStatus, rpcCode: code, message, reason };
}

/** `promise`, or AckTooSlow after `ms`. */
export function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new AckTooSlow(`not stored within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
