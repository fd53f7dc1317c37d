import type { Endpoint, ReplyOf, RequestOf } from '#contract/endpoint.ts';
import { apiKey, keyRefused } from './api-key.ts';
import { ApiError, problemOf } from './problem.ts';

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Record<Name, string> & ParamsOf<Rest>
  : unknown;

interface Question<E extends Endpoint> {
  request?: RequestOf<E>;
  params?: ParamsOf<E['path']>;
  signal?: AbortSignal;
}

/** Asks a GET endpoint. The path is checked against the endpoint's type; the reply is what the contract says. */
export const ask = <E extends Endpoint>(path: E['path'], question: Question<E> = {}): Promise<ReplyOf<E>> =>
  send<E>('GET', path, question);

/** Tells a POST, PUT or DELETE endpoint to do something. */
export const tell = <E extends Endpoint>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: E['path'],
  question: Question<E> = {},
): Promise<ReplyOf<E>> => send<E>(method, path, question);

async function send<E extends Endpoint>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: E['path'],
  { request, params, signal }: Question<E>,
): Promise<ReplyOf<E>> {
  const url = addressOf(
    path,
    (params ?? {}) as Record<string, string>,
    method === 'GET' || method === 'DELETE' ? request : undefined,
  );
  const headers: Record<string, string> = { accept: 'application/json' };
  const key = apiKey();
  if (key) headers.authorization = `Bearer ${key}`;
  const init: RequestInit = { method, headers, signal: signal ?? null };
  if (method === 'POST' || method === 'PUT') {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(request ?? {});
  }
  const response = await fetch(url, init).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'Driftline does not answer. Check that it is running and reachable.', '', {
      cause,
    });
  });
  if (response.status === 401) keyRefused();
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? ({} as ReplyOf<E>) : ((await response.json()) as ReplyOf<E>);
}

/** The path with its `{names}` filled and the request as its query; empty values are left to their defaults. */
export function addressOf(path: string, params: Record<string, string>, query: unknown): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== '') pairs.set(name, String(value));
  const text = pairs.toString();
  return text ? `${filled}?${text}` : filled;
}

/** Key and function of a query, for the query library. */
export const question = <E extends Endpoint>(
  path: E['path'],
  request: RequestOf<E>,
  params?: ParamsOf<E['path']>,
) => ({
  queryKey: [path, request, params ?? null] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    ask<E>(path, params === undefined ? { request, signal } : { request, params, signal }),
});
