import type { QualityRow } from '#contract/quality.ts';
import type { Drawing } from '../../charts/chart-panel.tsx';
import type { ChartSeries, TimeScale, ValueAxis } from '../../charts/chart-series.ts';
import type { SeriesColor } from '../../charts/palette.ts';
import { fillGaps, OTHER, type Point } from '../../charts/points.ts';
import { earlierOf, provisionalFrom } from '../../charts/provisional.ts';
import { seriesColors } from '../../charts/series-colors.ts';
import { DAY_MS, HOUR_MS } from '../../clock.ts';
import { format } from '../../format.ts';
import { instantMs, intervalMs } from '../../state/range.ts';
import { compareLabels, type View } from '../../state/view.ts';

/** Features drawn by name; the rest is one line. */
export const SHOWN = 6;

/** Buckets long enough to hold scores that say something. */
export function trendInterval(spanMs: number): '15m' | 'hour' | 'day' | 'week' {
  if (spanMs <= 4 * HOUR_MS) return '15m';
  if (spanMs <= 3 * DAY_MS) return 'hour';
  return spanMs <= 120 * DAY_MS ? 'day' : 'week';
}

export interface Trend {
  /** Rows by feature and bucket; the largest features. */
  now: readonly QualityRow[];
  /** Rows by bucket of all other features together; empty without any. */
  other: readonly QualityRow[];
  /** Rows of the compared time, empty without one. */
  before: readonly QualityRow[];
  /** Features in the order of their scores, the most first. */
  names: readonly string[];
  /** When it was asked; relative ranges count from there. */
  askedMs: number;
  /** Up to when data are complete, as the API says. */
  completeUntil: string | null;
  /** How far back the compared time lies. */
  offsetMs: number;
}

/** More features with bands and what was before are a tangle: then the table has the figures. */
export const MOST_DASHED = 2;

/** An interval of fewer scores is as high as the chart and says nothing. */
const LEAST_FOR_INTERVAL = 5;
/** Share of the buckets that must have that many before a band is drawn. */
const LEAST_COVERED = 0.7;

/** As high as the lines need; an interval that reaches further is cut off, its ends stand in the table. */
function axisOf(series: readonly ChartSeries[]): ValueAxis {
  const write = { ticks: () => (value: number) => format.score(value), value: format.score };
  const known = series.flatMap(({ kind, points }) =>
    kind === 'line' ? points.flatMap(([, value]) => (value === null ? [] : [value])) : [],
  );
  if (known.length === 0) return { ...write, min: null };
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const room = Math.max(0.05, (most - least) * 0.25);
  const step = room > 0.2 ? 0.1 : 0.05;
  const ends = [Math.floor((least - room) / step) * step, Math.ceil((most + room) / step) * step] as const;
  const [floor, ceiling] = [least >= 0 && most <= 1 ? 0 : ends[0], least >= 0 && most <= 1 ? 1 : ends[1]];
  return { ...write, min: Math.max(ends[0], floor), max: Math.min(ends[1], ceiling) };
}

/** The shown time in whole buckets, counted from where the API put the first one. */
function trendScale({ now, other, askedMs }: Trend, view: View, zone: string): TimeScale {
  const [fromMs, toMs] = [instantMs(view.from, askedMs), instantMs(view.to, askedMs)];
  const stepMs = intervalMs(trendInterval(toMs - fromMs));
  const times = [...now, ...other].flatMap(({ time }) => (time === null ? [] : [Date.parse(time)]));
  const anchor = times.length > 0 ? times.reduce((least, one) => Math.min(least, one)) : fromMs;
  return { fromMs: anchor - Math.ceil((anchor - fromMs) / stepMs) * stepMs, toMs, stepMs, zone };
}

/** A line with its interval for each feature; what was before is dashed, while that can be told apart. */
export function trendDrawing(trend: Trend, view: View, zone: string): Drawing {
  const scale = trendScale(trend, view, zone);
  const colors = seriesColors(trend.names);
  const lines = trend.names.map(name => ({
    name: name || '(no feature)',
    color: colors[name] ?? ('muted' as const),
    rows: trend.now.filter(({ key }) => key.feature === name),
    before: trend.before.filter(({ key }) => key.feature === name),
  }));
  const drawn =
    trend.other.length === 0
      ? lines
      : [...lines, { name: OTHER, color: 'muted' as const, rows: trend.other, before: [] }];
  const dashed = view.cmp !== 'none' && trend.names.length <= MOST_DASHED;
  const series = drawn.flatMap(({ name, color, rows, before }) => [
    ...withInterval(name, color, rows, scale),
    ...(dashed && before.length > 0 ? [compared(name, color, before, { scale, view, trend })] : []),
  ]);
  const lastMs = scale.fromMs + Math.floor((scale.toMs - 1 - scale.fromMs) / scale.stepMs) * scale.stepMs;
  const over = scale.toMs < trend.askedMs - 120_000;
  return {
    label: sentence(series),
    series,
    scale,
    axis: axisOf(series),
    partialFromMs: earlierOf(over ? null : lastMs, provisionalFrom(scale, trend.completeUntil)),
  };
}

const pointsOf = (rows: readonly QualityRow[], field: 'value' | 'low' | 'high', scale: TimeScale) =>
  fillGaps(
    rows.map((row): Point => [Date.parse(row.time ?? ''), row[field]]),
    scale.stepMs,
    null,
    scale.toMs,
  );

function withInterval(
  name: string,
  color: SeriesColor,
  rows: readonly QualityRow[],
  scale: TimeScale,
): ChartSeries[] {
  // A score has an end: an interval of few scores may reach beyond what any of them can be.
  const inUnit = rows.every(({ value }) => value === null || (value >= 0 && value <= 1));
  const enough = rows.filter(({ n }) => n >= LEAST_FOR_INTERVAL);
  const line = { name, color, kind: 'line', points: pointsOf(rows, 'value', scale) } as const;
  // Shreds of a band here and there would look like events.
  if (enough.length < rows.length * LEAST_COVERED) return [line];
  const clamp = (points: Point[]): Point[] =>
    inUnit
      ? points.map(([ms, value]) => [ms, value === null ? null : Math.min(1, Math.max(0, value))])
      : points;
  return [
    line,
    {
      name: `${name}, 95 % interval`,
      color,
      kind: 'interval',
      points: clamp(pointsOf(enough, 'low', scale)),
      high: clamp(pointsOf(enough, 'high', scale)),
    },
  ];
}

/** The compared time, moved onto the buckets of the shown one. */
function compared(
  name: string,
  color: SeriesColor,
  rows: readonly QualityRow[],
  { scale, view, trend }: { scale: TimeScale; view: View; trend: Trend },
): ChartSeries {
  const points = rows.map((row): Point => {
    const ms = Date.parse(row.time ?? '') + trend.offsetMs;
    return [scale.fromMs + Math.round((ms - scale.fromMs) / scale.stepMs) * scale.stepMs, row.value];
  });
  return {
    name: `${name}, ${compareLabels[view.cmp].toLowerCase()}`,
    color,
    kind: 'line',
    compare: true,
    points: fillGaps(points, scale.stepMs, null, scale.toMs),
  };
}

/** The chart in a sentence, for those who cannot see it. */
function sentence(series: readonly ChartSeries[]): string {
  const parts = series.flatMap(({ name, kind, compare, points }) => {
    const known = points.flatMap(([, value]) => (value === null ? [] : [value]));
    if (kind !== 'line' || compare || known.length === 0) return [];
    return [`${name} from ${format.score(known[0])} to ${format.score(known.at(-1))}`];
  });
  return parts.length === 0 ? 'No scores over time.' : `Score over time: ${parts.join('; ')}.`;
}
