import { z } from 'zod';

/** One call both ends agree on. `request` is the query of a GET and the JSON body of anything else. */
export interface Endpoint<
  Path extends string = string,
  Request extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `{name}` segments, e.g. `/api/v1/traces/{trace_id}`; the names are keys of `params`. */
  path: Path;
  summary: string;
  params: readonly string[];
  request: Request;
  reply: Reply;
  /** Content types of an answer that is a file; without them it is JSON in the shape of `reply`. */
  files?: readonly string[];
}

export type RequestOf<E extends Endpoint> = z.input<E['request']>;
export type ReplyOf<E extends Endpoint> = z.output<E['reply']>;

export function endpoint<Path extends string, Request extends z.ZodType, Reply extends z.ZodType>(
  method: Endpoint['method'],
  path: Path,
  summary: string,
  request: Request,
  reply: Reply,
): Endpoint<Path, Request, Reply> {
  const params = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1] as string);
  return { method, path, summary, params, request, reply };
}

/** RFC 9457 problem document; every error of the API has this shape. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  request_id: z.string(),
});
export type Problem = z.infer<typeof problem>;
