import { expect, test } from 'vitest';
import { jsonSchema } from './json-schema.ts';

// "Getting started" of json-schema.org: a product with a price above 0.
const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: { productId: { type: 'integer' }, price: { type: 'number', exclusiveMinimum: 0 } },
  required: ['productId', 'price'],
};

test.each([
  ['{"productId": 1, "price": 12.5}', 1, 'fits', ''],
  ['{"productId": 1, "price": 0}', 0, 'misfit', '/price must be > 0'],
  ['{"productId": "1", "price": 1}', 0, 'misfit', '/productId must be integer'],
  ['{"productId": 1}', 0, 'misfit', "/ must have required property 'price'"],
])('%j is %d', (output, value, label, explanation) => {
  expect(jsonSchema.score({ output }, { schema })).toEqual({ value, label, explanation });
  expect(jsonSchema.score({ output, schema })).toEqual({ value, label, explanation });
});

test('what is no JSON, a fence, no schema', () => {
  expect(jsonSchema.score({ output: 'Sure! {"a": 1}' })).toMatchObject({ value: 0, label: 'not_json' });
  expect(jsonSchema.score({ output: '```json\n{"a": 1}\n```' })).toMatchObject({ value: 0 });
  expect(jsonSchema.score({ output: '```json\n{"a": 1}\n```' }, { allow_fence: true })).toMatchObject({
    value: 1,
  });
  expect(jsonSchema.score({ output: '[]' })).toMatchObject({ value: 1, label: 'json' });
});

test('draft 7 and formats are understood; a broken schema is not held against the answer', () => {
  const older = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    items: [{ type: 'string', format: 'date' }],
  };
  expect(jsonSchema.score({ output: '["2026-11-21"]' }, { schema: older })).toMatchObject({ value: 1 });
  expect(jsonSchema.score({ output: '["tomorrow"]' }, { schema: older })).toMatchObject({ value: 0 });
  const broken = { $ref: 'https://example.com/elsewhere.json' };
  expect(jsonSchema.score({ output: '{}' }, { schema: broken })).toMatchObject({ value: null });
});

test('a pattern in a schema takes linear time', () => {
  const schema = { type: 'string', pattern: '^(a+)+$' };
  expect(jsonSchema.score({ output: JSON.stringify(`${'a'.repeat(20_000)}!`) }, { schema })).toMatchObject({
    value: 0,
  });
});
