import { describe, expect, test } from 'vitest';
import { extentOf } from './axes.ts';
import type { ChartSeries } from './chart-series.ts';
import { shapesOf } from './sketch-shapes.ts';
import { timeTicks } from './time-axis.ts';
import { valueScale } from './value-scale.ts';

const HOUR = 3_600_000;
const scale = { fromMs: 0, toMs: 4 * HOUR, stepMs: HOUR, zone: 'UTC' };
/** An hour is 10 pixels wide, one unit 10 pixels high, zero is at 100. */
const space = { x: (ms: number) => ms / (HOUR / 10), y: (value: number) => 100 - 10 * value, stepPx: 10 };
const draw = (series: ChartSeries[], isProvisional = (_: number) => false) =>
  shapesOf(series, scale, space, isProvisional);
const line = (points: ChartSeries['points']): ChartSeries => ({ name: 'a', color: 1, kind: 'line', points });
const bars = (name: string, points: ChartSeries['points']): ChartSeries => ({
  name,
  color: 1,
  kind: 'bar',
  points,
});

describe('shapes', () => {
  test('a line goes through the middles of its buckets and breaks where data is missing', () => {
    const [drawn, ...rest] = draw([
      line([
        [0, 1],
        [HOUR, 2],
        [2 * HOUR, null],
        [3 * HOUR, 3],
      ]),
    ]);
    expect(drawn?.d).toBe('M5 90L15 80M35 70');
    expect(rest.map(({ d }) => d)).toEqual([expect.stringMatching(/^M35 70m-2\.5 0a/)]);
  });

  test('bars stand on each other, those below zero hang, and what is provisional is lighter', () => {
    const series = [
      bars('a', [
        [0, 2],
        [HOUR, -1],
      ]),
      bars('b', [
        [0, 3],
        [HOUR, -2],
      ]),
    ];
    expect(draw(series, ms => ms === HOUR).map(({ d, opacity }) => [d, opacity])).toEqual([
      ['M1.3 80h7.5v20h-7.5z', undefined],
      ['M11.3 100h7.5v10h-7.5z', 0.5],
      ['M1.3 50h7.5v30h-7.5z', undefined],
      ['M11.3 110h7.5v20h-7.5z', 0.5],
    ]);
    expect(extentOf(series)).toEqual({ low: -3, high: 5 });
  });

  test('a lone bar is as wide as its bucket', () => {
    expect(draw([bars('a', [[HOUR, 1]])]).map(({ d }) => d)).toEqual(['M11.3 90h7.5v10h-7.5z']);
  });

  test('an interval lies from the middle of one bucket to that of the next', () => {
    const interval: ChartSeries = {
      ...line([
        [0, 1],
        [HOUR, 2],
        [2 * HOUR, null],
        [3 * HOUR, 1],
      ]),
      kind: 'interval',
      high: [
        [0, 3],
        [HOUR, 4],
        [2 * HOUR, 4],
        [3 * HOUR, 2],
      ],
    };
    expect(draw([interval]).map(({ d }) => d)).toEqual(['M5 70L15 60L15 80L5 90zM31 80h8v10h-8z']);
    expect(extentOf([interval])).toEqual({ low: 1, high: 4 });
  });

  test('lines are drawn over what they are compared with', () => {
    const before = { ...line([[0, 1]]), compare: true };
    expect(draw([line([[0, 2]]), before]).map(({ d }) => d.slice(0, 5))).toEqual([
      'M5 90',
      'M5 90',
      'M5 80',
      'M5 80',
    ]);
  });

  test('nothing has no extent', () => {
    expect(extentOf([line([[0, null]])])).toBeNull();
  });
});

describe('axes', () => {
  const clock = (ms: number) => new Date(ms).toISOString().slice(5, 16);
  test.each([
    ['2026-11-20T18:00', '2026-11-21T18:00', 5, ['11-20T20:00', '11-21T00:00', '11-21T04:00']],
    ['2026-11-01T00:00', '2026-12-01T00:00', 4, ['11-02T00:00', '11-09T00:00', '11-16T00:00']],
    ['2026-11-20T10:07', '2026-11-20T11:07', 6, ['11-20T10:10', '11-20T10:20', '11-20T10:30']],
    ['2025-01-10T00:00', '2026-11-01T00:00', 4, ['07-01T00:00', '01-01T00:00', '07-01T00:00']],
  ])('ticks from %s to %s are round', (from, to, count, first) => {
    const ticks = timeTicks(Date.parse(`${from}Z`), Date.parse(`${to}Z`), count);
    expect(ticks.slice(0, 3).map(clock)).toEqual(first);
  });

  test.each([
    [0, 0.83, 0, undefined, [0, 0.3, 0.6, 0.9]],
    [0.61, 0.97, null, undefined, [0.6, 0.7, 0.8, 0.9, 1]],
    [0, 0.2, 0, 1, [0, 0.25, 0.5, 0.75, 1]],
    [0, 0, 0, undefined, [0, 0.3, 0.6, 0.9, 1.2]],
    [7, 7, null, undefined, [6, 8, 10, 12, 14]],
    [0, 431, 0, undefined, [0, 100, 200, 300, 400, 500]],
    [-3, 5, 0, undefined, [0, 2, 4, 6]],
  ])('values from %d to %d, least %s, most %s', (low, high, min, max, ticks) => {
    expect(valueScale(low, high, min, max).ticks).toEqual(ticks);
  });
});
