import { randomBytes } from 'node:crypto';
import type { DecisionReply } from '#contract/decision.ts';
import type { Problem } from '#contract/endpoint.ts';
import type { CannotDecideError } from '#ledger/budget/ceilings.ts';

export interface Reply {
  status: 200 | 503;
  headers: Readonly<Record<string, string>>;
  /** JSON. */
  body: string;
}

export function decided(decision: DecisionReply): Reply {
  const headers = headersOf('application/json; charset=utf-8', nextId());
  return { status: 200, headers, body: JSON.stringify(decision) };
}

/** Not an error of ours that belongs in the log a thousand times: callers go by their leases, or fall back. */
export function refused({ message }: CannotDecideError): Reply {
  const id = nextId();
  const problem: Problem = {
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    detail: message,
    request_id: id,
  };
  const headers = { ...headersOf('application/problem+json', id), 'retry-after': '1' };
  return { status: 503, headers, body: JSON.stringify(problem) };
}

const headersOf = (type: string, id: string) => ({
  'content-type': type,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': id,
});

let answered = 0;
const ownId = randomBytes(4).toString('hex');

/** Unique, and cheaper than 16 random digits for each of thousands a second. */
function nextId(): string {
  answered = (answered + 1) % 2 ** 32;
  return ownId + answered.toString(16).padStart(8, '0');
}
