import type { Encoding } from './decode.ts';
import { messageType, type Signal, signals } from './proto.ts';
import type { Rejection } from './request.ts';

const statusType = messageType('RpcStatus');

/** google.rpc.Code values we answer with. */
export const rpcCode = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** An Export*ServiceResponse: empty when everything was taken, else how many items were not and the first three reasons. */
export function exportResponse(signal: Signal, encoding: Encoding, rejected: Rejection[]): Buffer {
  const { response, rejectedField } = signals[signal];
  const count = rejected.reduce((sum, rejection) => sum + rejection.count, 0);
  const message = rejected.slice(0, 3).map(({ reason, count: n }) => `${reason} (${n})`);
  const body =
    count === 0 ? {} : { partialSuccess: { [rejectedField]: count, errorMessage: message.join(', ') } };
  // The protobuf JSON mapping writes int64 as a string.
  if (encoding === 'json')
    return Buffer.from(JSON.stringify(body, (_, v) => (typeof v === 'number' ? String(v) : v)));
  return Buffer.from(response.encode(body).finish());
}

/** google.rpc.Status, the body of every refusal. */
export function errorStatus(encoding: Encoding, code: number, message: string): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  return Buffer.from(statusType.encode({ code, message }).finish());
}
