import { expect, test } from 'vitest';
import type { Mapping, MappingKey } from '#contract/mapping.ts';
import type { TriedSpan } from '../../data/mapping.ts';
import { countFound, fields, moved, refusal, sameMapping, seenKeys } from './mapping-draft.ts';

const key = (name: string, from: MappingKey['from'] = 'attribute'): MappingKey => ({ from, key: name });
const none = Object.fromEntries(fields.map(field => [field, [] as MappingKey[]])) as Mapping;
const [a, b, c] = [key('a'), key('b'), key('c', 'resource')];

test('keys move by one place and stay at the ends', () => {
  expect(moved([a, b, c], 0, 1)).toEqual([b, a, c]);
  expect(moved([a, b, c], 2, -1)).toEqual([a, c, b]);
  expect(moved([a, b, c], 0, -1)).toEqual([a, b, c]);
  expect(moved([a, b, c], 2, 1)).toEqual([a, b, c]);
});

test('the order of keys is part of a mapping', () => {
  expect(sameMapping({ ...none, user: [a, b] }, { ...none, user: [a, b] })).toBe(true);
  expect(sameMapping({ ...none, user: [a, b] }, { ...none, user: [b, a] })).toBe(false);
  expect(sameMapping({ ...none, user: [a] }, { ...none, user: [key('a', 'resource')] })).toBe(false);
  expect(sameMapping(none, { ...none, user: [a] })).toBe(false);
});

test('a key is added once, named, and to a list that has room', () => {
  expect(refusal([a], b)).toBeNull();
  expect(refusal([a], key('a', 'resource'))).toBeNull();
  expect(refusal([a], a)).toContain('already');
  expect(refusal([a], key(''))).toContain('Name');
  expect(
    refusal(
      Array.from({ length: 20 }, (_, at) => key(`k${at}`)),
      a,
    ),
  ).toContain('20');
});

const span = (
  attributes: Record<string, string>,
  found: Partial<TriedSpan['fields'][number]>,
): TriedSpan => ({
  trace_id: 't',
  span_id: 's',
  name: 'chat',
  service: 'app',
  start: '2026-11-20T10:00:00Z',
  attributes,
  resource: { host: 'h' },
  fields: [{ field: 'feature', configured: null, key: null, current: null, ...found }],
});

const spans = [
  span({ x: '1' }, { configured: 'f', current: 'f' }),
  span({ x: '2', y: '3' }, { configured: 'f', current: 'g' }),
  span({}, { configured: null, current: 'g' }),
];

test('seen keys come by how many spans have them, with an example', () => {
  expect(seenKeys(spans, 'attribute')).toEqual([
    { key: 'x', example: '1', spans: 2 },
    { key: 'y', example: '3', spans: 1 },
  ]);
  expect(seenKeys(spans, 'resource')).toEqual([{ key: 'host', example: 'h', spans: 3 }]);
});

test('found and different values are counted for configured fields only', () => {
  expect(countFound(spans, none)).toEqual([]);
  expect(countFound(spans, { ...none, feature: [a] })).toEqual([
    { field: 'feature', found: 2, different: 1, spans: 3 },
  ]);
});
