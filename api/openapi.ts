import { z } from 'zod';
import { type Endpoint, problem } from '#contract/endpoint.ts';
import { endpoints } from './endpoints.ts';

type Json = Record<string, unknown>;

/** The API as an OpenAPI 3.1 document, generated from the contract. */
export function openApi(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [operationId, endpoint] of Object.entries(endpoints)) {
    paths[endpoint.path] ??= {};
    (paths[endpoint.path] as Json)[endpoint.method.toLowerCase()] = operation(operationId, endpoint);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Driftline',
      version,
      description:
        'Times are ISO 8601 or relative (`now-24h`), money is decimal USD in text. A missing value is null, never 0.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, {}],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Not needed in local mode.' } },
      schemas: { Problem: schema(problem, 'output') },
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457)',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operation(operationId: string, endpoint: Endpoint): Json {
  const asked = schema(endpoint.request, 'input');
  const inPath = endpoint.params.map(name => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const types = endpoint.files ?? ['application/json'];
  const reply = Object.fromEntries(types.map(type => [type, { schema: schema(endpoint.reply, 'output') }]));
  return {
    operationId,
    summary: endpoint.summary,
    tags: [endpoint.path.split('/')[3]],
    parameters: readsQuery(endpoint) ? [...inPath, ...queryParameters(asked)] : inPath,
    ...(readsQuery(endpoint)
      ? {}
      : {
          requestBody: { required: hasRequired(asked), content: { 'application/json': { schema: asked } } },
        }),
    responses: {
      '200': { description: endpoint.summary, content: reply },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** GET and DELETE ask by query, everything else by a JSON body. */
export function readsQuery({ method }: Endpoint): boolean {
  return method === 'GET' || method === 'DELETE';
}

function queryParameters(asked: Json): Json[] {
  const required = new Set((asked.required as string[] | undefined) ?? []);
  return Object.entries((asked.properties as Record<string, Json> | undefined) ?? {}).map(
    ([name, property]) => {
      const { description, ...rest } = property;
      return {
        name,
        in: 'query',
        required: required.has(name),
        ...(description ? { description } : {}),
        schema: rest,
      };
    },
  );
}

function hasRequired(asked: Json): boolean {
  return Array.isArray(asked.required) ? asked.required.length > 0 : Array.isArray(asked.anyOf);
}

/** Transforms have no schema of their own: the side a caller sees is described. */
function schema(described: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(described, { io, unrepresentable: 'any', reused: 'inline' });
  return json;
}
