import { expect, test } from 'vitest';
import { usageSeries } from './usage-series.ts';

const hour = 3_600_000;
const from = Date.parse('2026-11-02T00:00:00Z');
const at = (hours: number, requests: number, users = 0) => ({
  hourMs: from + hours * hour,
  requests,
  users,
  sessions: 0,
});

const valuesOf = (series: ReturnType<typeof usageSeries>, feature: string, metric: string) =>
  series
    .find(one => one.feature === feature && one.metric === metric)
    ?.buckets.map(({ startMs, count }) => [(startMs + 900_000 - from) / hour, count]);

test('an hour without requests is none, an hour in which nothing at all arrived is unknown', () => {
  const series = usageSeries(
    [
      { feature: 'a', environment: '', hours: [at(0, 4), at(3, 5)] },
      { feature: 'b', environment: '', hours: [at(1, 7), at(3, 9)] },
    ],
    from + 5 * hour,
  );
  expect(valuesOf(series, 'a', 'usage:requests')).toEqual([
    [1, 4],
    [2, 0],
    [4, 5],
  ]);
  expect(valuesOf(series, 'b', 'usage:requests')).toEqual([
    [2, 7],
    [4, 9],
  ]);
  expect(valuesOf(series, 'a', 'usage:users')).toBeUndefined();
});

test('requests that name nobody say nothing about users', () => {
  const other = { feature: 'other', environment: '', hours: [at(0, 1), at(1, 1), at(2, 1), at(3, 1)] };
  const named = { feature: 'a', environment: '', hours: [at(0, 9, 3), at(1, 9), at(2, 8, 2)] };
  expect(valuesOf(usageSeries([named, other], from + 4 * hour), 'a', 'usage:users')).toEqual([
    [1, 3],
    [3, 2],
    [4, 0],
  ]);
});
