import type { RequestListener, ServerResponse } from 'node:http';
import { CannotDecideError } from '#ledger/budget/ceilings.ts';
import { questionOf } from './decisions/question.ts';
import { decided, type Reply, refused } from './decisions/reply.ts';
import { type Access, isAllowedHost, isAuthorised } from './security.ts';
import type { Services } from './services.ts';

/**
 * Answers decisions before Express sees them, on connections that ask for other things as well: the others never get here (see
 * `decisions/door.ts`). Only what can be answered at once is; whatever is wrong with a request is said by the route of
 * the same path.
 */
export function decisionsFirst(app: RequestListener, { budgets }: Services, access: Access): RequestListener {
  return (request, response) => {
    const asked = request.method === 'GET' ? questionOf(request.url ?? '') : null;
    if (
      !asked ||
      !isAllowedHost(request.headers, access) ||
      !isAuthorised(request.headers.authorization, access)
    ) {
      app(request, response);
      return;
    }
    budgets.decide(asked).then(
      reply => send(response, decided(reply)),
      error => (error instanceof CannotDecideError ? send(response, refused(error)) : app(request, response)),
    );
  };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
