import { describe, expect, test } from 'vitest';
import type { Series } from '../../data/series.ts';
import { toView } from '../../state/view.ts';
import { groups, lines, partialFrom, scaleOf, sentence } from './drawings.ts';

const minutes = (at: number) => new Date(Date.UTC(2026, 10, 21, 0, at)).toISOString();
const ms = (at: number) => Date.UTC(2026, 10, 21, 0, at);
const series = (from: number, to: number, rows: Series['rows']): Series => ({
  rows,
  meta: {
    from: minutes(from),
    to: minutes(to),
    tz: 'UTC',
    data_until: minutes(to),
    complete_until: minutes(to),
    truncated: false,
  },
});
const view = toView({ from: minutes(65), to: minutes(125) });

test('the scale has whole buckets', () => {
  const scale = scaleOf(series(65, 125, [{ time: minutes(75), calls: 1 }]), view, 'UTC');
  expect(scale).toEqual({ fromMs: ms(60), toMs: ms(125), stepMs: 900_000, zone: 'UTC' });
});

describe('the bucket that still fills', () => {
  const scale = { fromMs: ms(60), toMs: ms(125), stepMs: 900_000, zone: 'UTC' };
  test('is the last one of a range that ends now', () => expect(partialFrom(scale, ms(125))).toBe(ms(120)));
  test('is none in a range that is over', () => expect(partialFrom(scale, ms(300))).toBeNull());
});

test('the compared time lies on the buckets of the shown one', () => {
  const now = series(65, 125, [{ time: minutes(60), calls: 5 }]);
  const before = series(5, 65, [{ time: minutes(0), calls: 3 }]);
  const scale = scaleOf(now, view, 'UTC');
  const [line, dashed] = lines({ now, before }, view, scale, [
    { name: 'Requests', measure: 'calls', color: 'accent', empty: 0 },
  ]);
  expect(line?.points[0]).toEqual([ms(60), 5]);
  expect(dashed).toMatchObject({ compare: true, name: 'Requests, previous period' });
  expect(dashed?.points[0]).toEqual([ms(60), 3]);
});

test('stacked groups fill their gaps with zero, lines leave them open', () => {
  const now = series(60, 90, [
    { time: minutes(60), feature: 'a', cost_usd: '1.0' },
    { time: minutes(60), feature: '', cost_usd: '2.0' },
    { time: minutes(75), feature: 'a', cost_usd: '4.0' },
  ]);
  const scale = scaleOf(now, view, 'UTC');
  const bars = groups(now, scale, { measure: 'cost_usd', kind: 'bar', group: 'feature' });
  expect(bars.map(one => [one.name, one.points.map(point => point[1])])).toEqual([
    ['a', [1, 4]],
    ['(none)', [2, 0]],
  ]);
  const open = groups(now, scale, { measure: 'cost_usd', kind: 'line', group: 'feature' });
  expect(open[1]?.points[1]).toEqual([ms(75), null]);
});

test('a chart can be told in a sentence', () =>
  expect(
    sentence(
      'Quality',
      [
        {
          name: 'now',
          color: 1,
          kind: 'line',
          points: [
            [0, 0.9],
            [1, null],
            [2, 0.8],
          ],
        },
      ],
      String,
    ),
  ).toBe('Quality: now from 0.9 to 0.8, between 0.8 and 0.9.'));
