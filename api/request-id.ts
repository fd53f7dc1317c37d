import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

/** What the API needs of a logger; pino fits. */
export interface ApiLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const HEADER = 'x-request-id';

/** Names every request, in the answer's header, in a problem and in the log. */
export const nameRequests: RequestHandler = (_request, response, next) => {
  response.set(HEADER, randomBytes(8).toString('hex'));
  next();
};

export function requestId(response: Response): string {
  return String(response.get(HEADER) ?? '');
}
