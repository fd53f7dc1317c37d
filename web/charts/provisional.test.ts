import { expect, test } from 'vitest';
import type { ChartSeries } from './chart-series.ts';
import { earlierOf, provisionalFrom, withProvisional } from './provisional.ts';

const HOUR = 3_600_000;
const scale = { fromMs: 0, toMs: 5 * HOUR, stepMs: HOUR, zone: 'UTC' };
const at = (hours: number) => new Date(hours * HOUR).toISOString();

test('the bucket in which data stop being complete is the first provisional one', () => {
  expect(provisionalFrom(scale, at(3.5))).toBe(3 * HOUR);
  expect(provisionalFrom(scale, at(3))).toBe(3 * HOUR);
  expect(provisionalFrom(scale, at(-2))).toBe(0);
  expect(provisionalFrom(scale, at(5))).toBeNull();
  expect(provisionalFrom(scale, null)).toBeNull();
  expect([earlierOf(1, null), earlierOf(null, null), earlierOf(3, 2)]).toEqual([1, null, 2]);
});

test('a line is whole up to there and goes on from its last point; the rest is as it was', () => {
  const points: ChartSeries['points'] = [0, 1, 2, 3, 4].map(hour => [hour * HOUR, hour]);
  const line: ChartSeries = { name: 'p95', color: 'accent', kind: 'line', points };
  const before: ChartSeries = { ...line, compare: true };
  const bars: ChartSeries = { ...line, kind: 'bar' };
  const [whole, tail, ...rest] = withProvisional([line, before, bars], 3 * HOUR);
  expect(whole!.points.map(([, value]) => value)).toEqual([0, 1, 2]);
  expect(tail).toMatchObject({ name: 'p95', provisional: true });
  expect(tail!.points.map(([, value]) => value)).toEqual([2, 3, 4]);
  expect(rest).toEqual([before, bars]);
  expect(withProvisional([line], null)).toEqual([line]);
});
