import { expect, test } from 'vitest';
import { byGroup, fillGaps, OTHER, pointsOf, withOther } from './points.ts';

const time = (minute: number) => new Date(Date.UTC(2026, 10, 21, 14, minute)).toISOString();
const ms = (minute: number) => Date.UTC(2026, 10, 21, 14, minute);

test('missing stays missing, money is read from its decimal string', () => {
  const rows = [
    { time: time(0), cost_usd: '0.250000000' },
    { time: time(15), cost_usd: null },
  ];
  expect(pointsOf(rows, 'cost_usd')).toEqual([
    [ms(0), 0.25],
    [ms(15), null],
  ]);
});

test('a gap gets its buckets, up to the end of data', () =>
  expect(
    fillGaps(
      [
        [ms(45), 3],
        [ms(0), 1],
      ],
      900_000,
      null,
      ms(75),
    ),
  ).toEqual([
    [ms(0), 1],
    [ms(15), null],
    [ms(30), null],
    [ms(45), 3],
    [ms(60), null],
  ]));

test('series by group, largest first, the rest summed as Other', () => {
  const rows = Array.from({ length: 9 }, (_, at) => ({
    time: time(0),
    feature: `f${at}`,
    cost_usd: `${at}.5`,
  }));
  const series = withOther(byGroup(rows, 'feature', 'cost_usd'));
  expect(series.map(one => one.name)).toEqual(['f8', 'f7', 'f6', 'f5', 'f4', 'f3', OTHER]);
  expect(series.at(-1)?.points).toEqual([[ms(0), 0.5 + 1.5 + 2.5]]);
});

test('seven series need no Other', () => {
  const rows = Array.from({ length: 7 }, (_, at) => ({ time: time(0), feature: `f${at}`, calls: at }));
  expect(withOther(byGroup(rows, 'feature', 'calls')).length).toBe(7);
});
