import { expect, test } from 'vitest';
import { bucketLabel } from './chart-series.ts';
import { type ChartMarker, clusters } from './markers.tsx';
import { coarser, sparkPath } from './sparkline.tsx';

test('markers that would cover each other become one', () => {
  const at = (atMs: number): ChartMarker => ({ atMs, kind: 'model', label: 'm' });
  expect(clusters([at(30), at(0), at(5), at(11)], 10).map(group => group.map(one => one.atMs))).toEqual([
    [0, 5],
    [11],
    [30],
  ]);
});

test('a sparkline breaks where data is missing and is flat without change', () => {
  expect(
    sparkPath([
      [0, 1],
      [1, null],
      [2, 3],
      [4, 1],
    ]),
  ).toBe('M0.0 24.0M50.0 0.0L100.0 24.0');
  expect(
    sparkPath([
      [0, 2],
      [1, 2],
    ]),
  ).toBe('M0.0 12.0L100.0 12.0');
  expect(sparkPath([[0, 2]])).toBe('');
});

test('a bucket names its time', () => {
  const wall = Date.parse('2026-11-10T14:00:00Z');
  expect(bucketLabel(wall, 900_000)).toMatch(/14:00 – 14:15$/);
  expect(bucketLabel(wall, 86_400_000)).not.toMatch(/14/);
});

test('a long sparkline is made of means, and missing stays missing', () => {
  const points = Array.from({ length: 96 }, (_, at): [number, number | null] => [at, at < 2 ? null : at % 2]);
  const means = coarser(points);
  expect(means.length).toBe(48);
  expect(means.slice(0, 2)).toEqual([
    [0, null],
    [2, 0.5],
  ]);
});
