import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type DecisionReply, type DecisionRequest, decision } from '#contract/decision.ts';
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
      reply => answer(response, reply),
      () => app(request, response),
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

function answer(response: ServerResponse, reply: DecisionReply): void {
  const body = Buffer.from(JSON.stringify(reply));
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': nextId(),
  });
  response.end(body);
}
