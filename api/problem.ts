import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Response } from 'express';
import type { Problem } from '#contract/endpoint.ts';
import { type ApiLog, requestId } from './request-id.ts';

/** An answer that is not a success, thrown anywhere below a route. `detail` is for the caller to read. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

export function notFound(detail: string): HttpProblem {
  return new HttpProblem(404, detail);
}

const ENGINE_DOWN =
  'The store does not answer. It restarts by itself within seconds; data is still being received.';

/** The one place that turns an error into a status and an RFC 9457 problem. */
export function problemHandler(log: ApiLog): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, detail, headers } = describe(error);
    if (status >= 500) {
      const url = request.originalUrl.split('?')[0];
      log.error(
        { err: error, requestId: requestId(response), method: request.method, url },
        'request failed',
      );
    }
    sendProblem(response.set(headers), status, detail);
  };
}

export function sendProblem(response: Response, status: number, detail?: string): void {
  const body: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    request_id: requestId(response),
    ...(detail ? { detail } : {}),
  };
  response.status(status).type('application/problem+json').send(JSON.stringify(body));
}

interface Described {
  status: number;
  detail: string;
  headers: Record<string, string>;
}

function describe(error: unknown): Described {
  if (error instanceof HttpProblem)
    return { status: error.status, detail: error.message, headers: error.headers };
  const { type, code } = error as { type?: unknown; code?: unknown };
  const fromBody = bodyProblems[String(type)];
  if (fromBody) return { status: fromBody[0], detail: fromBody[1], headers: {} };
  if (error instanceof URIError)
    return { status: 400, detail: 'The address is not valid percent-encoding.', headers: {} };
  if (isConnectionError(error)) return { status: 503, detail: ENGINE_DOWN, headers: { 'retry-after': '2' } };
  const overloaded = engineProblems[String(code)];
  if (overloaded) return { status: 503, detail: overloaded, headers: { 'retry-after': '10' } };
  return {
    status: 500,
    detail: 'Something went wrong on our side. The log has the cause under this request id.',
    headers: {},
  };
}

/** What express.json says about a body, by its `type`. */
const bodyProblems: Record<string, readonly [number, string]> = {
  'entity.parse.failed': [400, 'The body is not JSON.'],
  'entity.verify.failed': [400, 'The body could not be read.'],
  'request.aborted': [400, 'The body ended early.'],
  'request.size.invalid': [400, 'The body is not as long as content-length says.'],
  'stream.encoding.set': [400, 'The body could not be read.'],
  'entity.too.large': [413, 'The body is too large.'],
  'charset.unsupported': [415, 'The charset is not supported; send UTF-8.'],
  'encoding.unsupported': [415, 'The content-encoding is not supported; send gzip, deflate, br or none.'],
};

/** ClickHouse error codes that mean "not now" or "too much at once". */
const engineProblems: Record<string, string> = {
  159: 'The question took longer than 10 s. Ask for a shorter time range or fewer groups.',
  202: 'The store is busy with other questions. Try again.',
  241: 'The question needs more memory than it may use. Ask for a shorter time range or fewer groups.',
  396: 'The answer has too many rows. Ask for a shorter time range or fewer groups.',
};

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** Whether nothing answered where the store should be, rather than the store with an error. */
export function isConnectionError(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 4; cause = cause.cause, depth += 1) {
    if ('code' in cause && connectionCodes.has(String(cause.code))) return true;
    if (/^(Timeout error|socket hang up)/.test(cause.message)) return true;
  }
  return false;
}
