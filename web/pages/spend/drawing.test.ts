import { expect, test } from 'vitest';
import type { BudgetWithState } from '#contract/budget.ts';
import type { SpendRow } from '#contract/spend.ts';
import { bucketStarts } from '../../month.ts';
import { type ChartData, spendDrawing } from './drawing.ts';
import { spendView } from './use-spend-view.ts';

const now = Date.parse('2026-11-21T14:07:00Z');
const sum = (points: readonly (readonly [number, number | null])[]) =>
  points.reduce((total, [, value]) => total + (value ?? 0), 0);

/** A dollar of `a` and half a dollar of something else in every bucket, as the API answers. */
function data(times: readonly number[], complete: boolean): ChartData {
  const row = (ms: number, cost_usd: string, feature?: string) =>
    ({ time: new Date(ms).toISOString(), cost_usd, feature }) as SpendRow;
  const all = { rows: times.map(ms => row(ms, '1.5')), totals: { cost_usd: '9' } } as ChartData['all'];
  return { all, groups: times.map(ms => row(ms, '1', 'a')), complete };
}

test.each([
  ['day', 'Asia/Kathmandu'],
  ['week', 'Europe/Paris'],
  ['hour', 'Asia/Kathmandu'],
] as const)('no money falls between the bars, by %s in %s', (step, zone) => {
  const view = spendView({ month: '2026-10', step }, zone, 'Europe/Paris', now);
  const times = bucketStarts(view.fromMs, view.toMs, step, zone);
  const { series } = spendDrawing(data(times, false), view, { budget: null, forecast: undefined }, now);
  expect(series.map(one => [one.name, sum(one.points)])).toEqual([
    ['a', times.length],
    ['Other', times.length / 2],
  ]);
});

test('the pace of a budget adds up to its amount', () => {
  const budget = { amount_usd: '310' } as BudgetWithState;
  for (const step of ['day', 'week', 'hour'] as const) {
    const view = spendView({ month: '2026-10', step }, 'Europe/Paris', 'Europe/Paris', now);
    const { series } = spendDrawing(data([], true), view, { budget, forecast: undefined }, now);
    expect(sum(series.find(({ name }) => name === 'Budget pace')!.points)).toBeCloseTo(310);
  }
});

test('the days to come add up to the ends of the forecast, and do not flatten the bars', () => {
  const view = spendView({}, 'UTC', 'UTC', now);
  const fan = ['21', '22', '23'].map((day, at) => ({
    date: `2026-11-${day}`,
    p10_usd: String(100 + at),
    p50_usd: '0',
    p90_usd: String(110 + 50 * at),
  }));
  const forecast = { fan, zone: 'UTC' } as never;
  const times = bucketStarts(view.fromMs, now, 'day', 'UTC');
  const { series, axis } = spendDrawing(data(times, true), view, { budget: null, forecast }, now);
  const band = series.find(({ kind }) => kind === 'band')!;
  expect([sum(band.points), sum(band.high!)]).toEqual([2, 100]);
  expect(axis.max).toBe(3);
});
