import type { Request, Router } from 'express';
import { z } from 'zod';
import type { Endpoint } from '#contract/endpoint.ts';
import { readsQuery } from './openapi.ts';
import { HttpProblem } from './problem.ts';

/** Names in the `{…}` segments of a path. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [Key in Name | keyof ParamsOf<Rest>]: string }
  : Record<never, string>;

export interface Asked<Path extends string> {
  params: ParamsOf<Path>;
  /** Aborts when the caller hangs up. */
  signal: AbortSignal;
}

/**
 * Serves one endpoint of the contract. The request is parsed strictly; a handler whose reply drifts from the contract
 * does not compile. Bad input answers 400 and names the parameter.
 */
export function serve<E extends Endpoint>(
  router: Router,
  endpoint: E,
  handler: (request: z.output<E['request']>, asked: Asked<E['path']>) => Promise<z.input<E['reply']>>,
): void {
  const method = endpoint.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
  router[method](expressPath(endpoint), async (request, response) => {
    const parsed = parseRequest(endpoint, request);
    const hungUp = new AbortController();
    response.on('close', () => hungUp.abort());
    const asked = { params: request.params as ParamsOf<E['path']>, signal: hungUp.signal };
    const reply = await handler(parsed, asked);
    if (!response.writableEnded && !response.destroyed) response.json(reply);
  });
}

/** `/traces/{trace_id}` in Express's words. */
export function expressPath({ path }: Endpoint): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** What was asked, strictly; a problem when it cannot be. */
export function parseRequest<E extends Endpoint>(endpoint: E, request: Request): z.output<E['request']> {
  const given: unknown = readsQuery(endpoint) ? request.query : readBody(request);
  const unknown = unknownNames(endpoint.request, given);
  if (unknown.length) {
    const known = endpoint.request instanceof z.ZodObject ? Object.keys(endpoint.request.shape) : [];
    const names = known.length ? `known are ${known.join(', ')}` : 'there are none';
    throw new HttpProblem(400, `${unknown.join(', ')}: no such parameter; ${names}`);
  }
  const parsed = endpoint.request.safeParse(given);
  if (!parsed.success) throw new HttpProblem(400, explain(parsed.error.issues));
  return parsed.data as z.output<E['request']>;
}

/** A misspelt filter must not silently answer another question. */
function unknownNames(schema: z.ZodType, given: unknown): string[] {
  if (!(schema instanceof z.ZodObject) || typeof given !== 'object' || given === null) return [];
  const known = new Set(Object.keys(schema.shape));
  return Object.keys(given).filter(name => !known.has(name));
}

function readBody(request: Request): unknown {
  const isEmpty = !request.headers['transfer-encoding'] && !Number(request.headers['content-length'] ?? 0);
  if (isEmpty) return {};
  if (!request.is('application/json')) {
    throw new HttpProblem(415, 'Send the body as content-type: application/json.');
  }
  return request.body;
}

function explain(issues: readonly z.core.$ZodIssue[]): string {
  const sentences = issues.flatMap(issue => {
    if (issue.code === 'invalid_union' && issue.errors.length) return [explain(closest(issue.errors))];
    const name = issue.path.join('.');
    return [name ? `${name}: ${issue.message}` : issue.message];
  });
  return [...new Set(sentences)].join('; ');
}

/** Of the alternatives of a union the one that came furthest: it fails on the fewest names. */
function closest(alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  return [...alternatives].sort((a, b) => rank(a) - rank(b))[0] ?? [];
}

function rank(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.path.length > 1 ? 0.1 : 1), 0);
}
