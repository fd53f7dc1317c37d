import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type DecisionRequest, decision } from '#contract/decision.ts';
import type { Problem } from '#contract/endpoint.ts';
import { CannotDecideError } from '#ledger/budget/ceilings.ts';
import { type Access, isAllowedHost, isAuthorised } from './security.ts';
import type { Services } from './services.ts';

const names = new Set(Object.keys(decision.request.shape));

/**
 * Answers decisions before Express sees them: there may be thousands a second, and a model call waits for each. Only what can be
 * answered at once is; whatever is wrong with a request is said by the route of the same path.
 */
export function decisionsFirst(app: RequestListener, { budgets }: Services, access: Access): RequestListener {
  return (request, response) => {
    const asked = askedOf(request);
    if (
      !asked ||
      !isAllowedHost(request.headers, access) ||
      !isAuthorised(request.headers.authorization, access)
    ) {
      app(request, response);
      return;
    }
    budgets.decide(asked).then(
      reply => send(response, 200, 'application/json; charset=utf-8', reply),
      error => (error instanceof CannotDecideError ? refuse(response, error) : app(request, response)),
    );
  };
}

/** Null unless it is a well-formed question for a decision. */
function askedOf({ method, url = '' }: IncomingMessage): DecisionRequest | null {
  if (method !== 'GET' || !url.startsWith(decision.path)) return null;
  const end = url.charAt(decision.path.length);
  if (end !== '' && end !== '?') return null;
  const given: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(url.slice(decision.path.length))) {
    if (name in given || !names.has(name)) return null;
    given[name] = value;
  }
  const parsed = decision.request.safeParse(given);
  return parsed.success ? parsed.data : null;
}

let answered = 0;
const ownId = randomBytes(4).toString('hex');

/** Unique, and cheaper than 16 random digits for each of thousands a second. */
function nextId(): string {
  answered = (answered + 1) % 2 ** 32;
  return ownId + answered.toString(16).padStart(8, '0');
}

/** Not an error of ours that belongs in the log a thousand times: callers go by their leases, or fall back. */
function refuse(response: ServerResponse, { message }: CannotDecideError): void {
  response.setHeader('retry-after', '1');
  const id = nextId();
  const problem: Problem = {
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    detail: message,
    request_id: id,
  };
  send(response, 503, 'application/problem+json', problem, id);
}

function send(response: ServerResponse, status: number, type: string, reply: object, id = nextId()): void {
  const body = Buffer.from(JSON.stringify(reply));
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': id,
  });
  response.end(body);
}
