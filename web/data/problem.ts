import type { Problem } from '#contract/endpoint.ts';

/** An answer of the API that is not the one asked for. `requestId` is empty when nothing answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly requestId: string;

  constructor(status: number, message: string, requestId: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiError';
    this.status = status;
    this.requestId = requestId;
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'title' in body && 'status' in body;

/** The problem document of a failed response, or the best that can be said without one. */
export async function problemOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const id = response.headers.get('x-request-id') ?? '';
  if (!isProblem(body)) return new ApiError(response.status, `The server answered ${response.status}.`, id);
  return new ApiError(response.status, body.detail ?? body.title, body.request_id || id);
}
