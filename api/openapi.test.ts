import { expect, test } from 'vitest';
import { endpoints } from './endpoints.ts';
import { openApi } from './openapi.ts';

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, object>;
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

const described = openApi('1.2.3') as unknown as Document;
const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const find = (path: string, method: string) => described.paths[path]?.[method] as Operation;

/** Every `$ref` in the document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

test('it is OpenAPI 3.1 with one operation per endpoint of the contract', () => {
  expect(described.openapi).toBe('3.1.0');
  expect(described.info).toMatchObject({ title: 'Driftline', version: '1.2.3' });
  expect(operations.map(({ operation }) => operation.operationId).sort()).toEqual(
    Object.keys(endpoints).sort(),
  );
  expect(JSON.parse(JSON.stringify(described))).toEqual(described);
});

test('every reference leads somewhere', () => {
  for (const reference of references(described)) {
    const found = reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((inside, name) => (inside as Record<string, unknown> | undefined)?.[name], described);
    expect(found, reference).toBeTypeOf('object');
  }
});

test('every operation describes its parameters, its answer and its problems', () => {
  for (const { path, operation } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]);
    const described = operation.parameters.filter(parameter => parameter.in === 'path');
    expect(described.map(({ name }) => name)).toEqual(inPath);
    expect(described.every(({ required }) => required)).toBe(true);
    expect(Object.keys(operation.responses)).toEqual(['200', 'default']);
    for (const { schema } of operation.parameters) expect(Object.keys(schema)).not.toHaveLength(0);
  }
});

test('a query says what is required, what is the default and what it means', () => {
  const { parameters, requestBody } = find('/api/v1/measures', 'get');
  const byName = new Map(parameters.map(parameter => [parameter.name, parameter]));
  expect(byName.get('measures')).toMatchObject({ in: 'query', required: true, schema: { type: 'string' } });
  expect(byName.get('from')).toMatchObject({
    required: false,
    description: 'start of the time range, inclusive',
    schema: { type: 'string', default: 'now-24h' },
  });
  expect(byName.get('interval')?.schema).toMatchObject({ enum: ['15m', 'hour', 'day', 'week', 'month'] });
  expect(requestBody).toBeUndefined();
});

test('a body is required where something in it is', () => {
  expect(find('/api/v1/scores', 'post').requestBody?.required).toBe(true);
  expect(find('/api/v1/channels/{id}', 'put').requestBody?.required).toBe(true);
  expect(find('/api/v1/demo', 'post').requestBody?.required).toBe(false);
  expect(find('/api/v1/demo', 'delete').requestBody).toBeUndefined();
});
