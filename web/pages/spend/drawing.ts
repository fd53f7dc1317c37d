import type { BudgetWithState } from '#contract/budget.ts';
import type { SpendRow } from '#contract/spend.ts';
import type { Drawing } from '../../charts/chart-panel.tsx';
import type { ChartSeries, TimeScale } from '../../charts/chart-series.ts';
import { byGroup, OTHER, onBuckets, type Point, pointsOf } from '../../charts/points.ts';
import { seriesColors } from '../../charts/series-colors.ts';
import { DAY_MS, fromWall, HOUR_MS } from '../../clock.ts';
import type { MonthForecast, Spend } from '../../data/spend.ts';
import { format } from '../../format.ts';
import { bucketStarts, monthName } from '../../month.ts';
import type { Step } from './search.ts';
import type { SpendView } from './use-spend-view.ts';
import { valueLabel } from './words.ts';

export interface ChartData {
  /** Of everything, by bucket. */
  all: Spend;
  /** Of the groups that are shown, by bucket. */
  groups: readonly SpendRow[];
  /** No group is left out, so nothing is left over. */
  complete: boolean;
}

/** What bars are compared with. */
interface Beside {
  budget: BudgetWithState | null;
  forecast: MonthForecast | undefined;
}

export const STEP_MS: Record<Step, number> = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };
const AXIS = {
  min: 0,
  ticks: format.usdAxis,
  value: (value: number | null) => format.usd(value, 'chart'),
};

/** Bars by group, the pace of the budget as a dashed line, and what the coming days are expected to cost. */
export function spendDrawing(
  data: ChartData,
  view: SpendView,
  { budget, forecast }: Beside,
  nowMs: number,
): Drawing {
  const { step, zone, fromMs, toMs } = view;
  const buckets = bucketStarts(fromMs, toMs, step, zone);
  const past = buckets.filter(ms => ms < nowMs);
  const bars = groupBars(data, view, past);
  const pace = budget ? [paceLine(budget, view, buckets)] : [];
  const band = forecast && view.running && step === 'day' ? forecastBand(forecast, nowMs) : [];
  const scale: TimeScale = { fromMs: buckets[0] ?? fromMs, toMs, stepMs: STEP_MS[step], zone };
  return {
    label: sentence(data, view),
    series: [...bars, ...pace, ...band],
    scale,
    axis: { ...AXIS, ...topOf([...bars, ...pace], band) },
    partialFromMs: view.running ? (past.at(-1) ?? null) : null,
    partialToMs: buckets[past.length],
  };
}

function sentence({ all }: ChartData, { month, step }: SpendView): string {
  const each = { day: 'day', hour: 'hour', week: 'week' }[step];
  const values = all.rows.map(row => Number(row.cost_usd));
  const most = Math.max(0, ...values);
  return `Spend in ${monthName(month)}: ${format.usd(all.totals.cost_usd)}, at most ${format.usd(most)} in one ${each}.`;
}

function groupBars(
  { all, groups, complete }: ChartData,
  { by }: SpendView,
  buckets: readonly number[],
): ChartSeries[] {
  const shown = byGroup(groups, by, 'cost_usd');
  const colors = seriesColors(shown.map(({ name }) => name));
  const bars = shown.map(
    ({ name, points }): ChartSeries => ({
      name: valueLabel(by, name),
      color: colors[name] ?? 'muted',
      kind: 'bar',
      points: onBuckets(points, buckets, 0),
    }),
  );
  const rest = otherPoints(
    pointsOf(all.rows, 'cost_usd'),
    shown.map(({ points }) => points),
  );
  const largest = Math.max(0, ...rest.map(([, value]) => Math.abs(value ?? 0)));
  // Below a thousandth of a cent it is the rounding of these numbers for the eye.
  if (complete || largest < 1e-5) return bars;
  const name = shown.length === 0 ? 'All' : OTHER;
  const color = shown.length === 0 ? 'accent' : 'muted';
  return [...bars, { name, color, kind: 'bar', points: onBuckets(rest, buckets, 0) }];
}

function otherPoints(all: readonly Point[], shown: readonly Point[][]): Point[] {
  const rest = new Map(all.map(([ms, value]) => [ms, value ?? 0]));
  for (const [ms, value] of shown.flat()) rest.set(ms, (rest.get(ms) ?? 0) - (value ?? 0));
  return [...rest];
}

/** The amount spread evenly over the month; a bucket that lies in it partly has its part. */
function paceLine(
  { amount_usd }: BudgetWithState,
  { fromMs, toMs, step }: SpendView,
  buckets: readonly number[],
): ChartSeries {
  const perMs = Number(amount_usd) / (toMs - fromMs);
  const length = (startMs: number, at: number) => {
    const endMs = Math.min(toMs, buckets[at + 1] ?? startMs + STEP_MS[step]);
    return Math.max(0, endMs - Math.max(fromMs, startMs));
  };
  return {
    name: 'Budget pace',
    color: 'muted',
    kind: 'line',
    compare: true,
    points: buckets.map((ms, at): Point => [ms, perMs * length(ms, at)]),
  };
}

const SHARE_OF_BARS = 2.5;

/** A wide forecast would flatten the bars, so it is cut off above; its table and tooltip have all of it. */
function topOf(drawn: readonly ChartSeries[], [band]: readonly ChartSeries[]): { max?: number } {
  const highest = (points: readonly Point[]) =>
    points.reduce((top, [, value]) => Math.max(top, value ?? 0), 0);
  const stacks = new Map<number, number>();
  for (const { kind, points } of drawn)
    if (kind === 'bar')
      for (const [ms, value] of points) stacks.set(ms, (stacks.get(ms) ?? 0) + (value ?? 0));
  const lines = drawn.filter(({ kind }) => kind === 'line').flatMap(({ points }) => points);
  const top = Math.max(highest([...stacks]), highest(lines));
  if (top === 0 || highest(band?.high ?? []) <= top * SHARE_OF_BARS) return {};
  const step = 10 ** Math.floor(Math.log10(top * SHARE_OF_BARS));
  return { max: Math.ceil((top * SHARE_OF_BARS) / step) * step };
}

/**
 * What the coming days add to the lower and the upper end of the forecast; the lower ends of all days and what is spent add up
 * to the lower end of the month.
 */
function forecastBand({ fan, zone }: MonthForecast, nowMs: number): ChartSeries[] {
  const low: Point[] = [];
  const high: Point[] = [];
  fan.forEach(({ date, p10_usd, p90_usd }, at) => {
    const before = fan[at - 1];
    const startMs = fromWall(Date.parse(`${date}T00:00:00Z`), zone);
    // Today is drawn as it goes; only whole days to come are compared with bars.
    if (!before || startMs <= nowMs) return;
    const ends = [Number(p10_usd) - Number(before.p10_usd), Number(p90_usd) - Number(before.p90_usd)];
    low.push([startMs, Math.max(0, Math.min(...ends))]);
    high.push([startMs, Math.max(...ends)]);
  });
  return low.length === 0 ? [] : [{ name: 'Forecast', color: 'accent', kind: 'band', points: low, high }];
}
