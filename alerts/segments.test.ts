import { expect, test } from 'vitest';
import type { SegmentStats } from '#store/queries/segments.ts';
import { explainBySegments } from './segments.ts';

function stats(
  dimension: SegmentStats['dimension'],
  value: string,
  before: [number, number],
  after: [number, number],
): SegmentStats {
  const [nBefore, meanBefore] = before;
  const [nAfter, meanAfter] = after;
  const p95 = { p95BeforeMs: null, p95AfterMs: null };
  return {
    dimension,
    value,
    nBefore,
    sumBefore: nBefore * meanBefore,
    nAfter,
    sumAfter: nAfter * meanAfter,
    ...p95,
  };
}

test('a new prompt version that all calls went to explains the whole shift', () => {
  const found = explainBySegments([
    stats('prompt', 'answer v13', [1000, 0.91], [0, 0]),
    stats('prompt', 'answer v14', [0, 0], [500, 0.82]),
  ]);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ value: 'answer v14', meanBefore: null, meanAfter: 0.82 });
  expect(found[0]!.explained).toBeCloseTo(1);
});

test('a tenant that alone got worse explains it, the others do not', () => {
  const found = explainBySegments([
    stats('tenant', 'acme', [300, 0.9], [150, 0.6]),
    stats('tenant', 'globex', [700, 0.9], [350, 0.9]),
  ]);
  expect(found.map(({ value }) => value)).toEqual(['acme']);
  expect(found[0]!.explained).toBeCloseTo(1);
});

test('values that moved like all the others explain nothing', () => {
  const found = explainBySegments([
    stats('tenant', 'acme', [300, 0.9], [150, 0.8]),
    stats('tenant', 'globex', [700, 0.9], [350, 0.8]),
    stats('provider', 'openai', [1000, 0.9], [500, 0.8]),
  ]);
  expect(found).toEqual([]);
});

test('a mix that moves towards a worse value is explained by that value', () => {
  const found = explainBySegments([
    stats('variant', 'a', [900, 0.9], [250, 0.9]),
    stats('variant', 'b', [100, 0.5], [250, 0.5]),
  ]);
  // 0.86 before, 0.7 after: b contributes 0.5 (0.5 - 0.86) - 0.1 (0.5 - 0.86) = -0.144 of -0.16.
  expect(found[0]).toMatchObject({ value: 'b' });
  expect(found[0]!.explained).toBeCloseTo(0.9);
});

test('what nearly every call ran on before comes after what is new, though both explain the whole shift', () => {
  const found = explainBySegments([
    stats('release', '2026.44', [250, 0.91], [0, 0]),
    stats('release', '2026.45', [750, 0.91], [500, 0.82]),
    stats('prompt', 'answer v13', [1000, 0.91], [0, 0]),
    stats('prompt', 'answer v14', [0, 0], [500, 0.82]),
  ]);
  expect(found.map(({ value }) => value)).toEqual(['answer v14', '2026.45']);
});
