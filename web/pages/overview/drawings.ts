import type { Drawing } from '../../charts/chart-panel.tsx';
import type { ChartSeries, TimeScale, ValueAxis } from '../../charts/chart-series.ts';
import type { SeriesColor } from '../../charts/palette.ts';
import {
  byGroup,
  fillGaps,
  OTHER,
  onBuckets,
  onePerTime,
  type Point,
  pointsOf,
  withOther,
} from '../../charts/points.ts';
import { earlierOf, provisionalFrom } from '../../charts/provisional.ts';
import { seriesColors } from '../../charts/series-colors.ts';
import type { Series } from '../../data/series.ts';
import { format, MISSING } from '../../format.ts';
import { intervalFor, intervalMs, spanMs } from '../../state/range.ts';
import { compareLabels, type View } from '../../state/view.ts';
import type { Compared } from './use-compared.ts';

export const axes = {
  quality: { min: null, ticks: () => format.score, value: format.score },
  latency: { min: 0, ticks: format.latencyAxis, value: format.latency },
  spend: { min: 0, ticks: format.usdAxis, value: value => format.usd(value, 'chart') },
  requests: { min: 0, ticks: () => format.count, value: format.count },
} satisfies Record<string, ValueAxis>;

/** The shown time in whole buckets, counted from where the API put the first one. */
export function scaleOf(now: Series, view: View, zone: string): TimeScale {
  const [from, to] = [Date.parse(now.meta.from), Date.parse(now.meta.to)];
  const stepMs = intervalMs(intervalFor(spanMs(view, to)));
  const times = now.rows.map(row => Date.parse(String(row.time)));
  const anchor = times.length > 0 ? Math.min(...times) : from;
  return { fromMs: anchor - Math.ceil((anchor - from) / stepMs) * stepMs, toMs: to, stepMs, zone };
}

/** Start of the bucket that may still fill; null for a range that is over. */
export function partialFrom(scale: TimeScale, nowMs: number): number | null {
  if (scale.toMs < nowMs - 120_000) return null;
  return scale.fromMs + Math.floor((scale.toMs - 1 - scale.fromMs) / scale.stepMs) * scale.stepMs;
}

/** Points of the compared time, moved onto the buckets of the shown one. */
function moved(
  before: Series,
  now: Series,
  measure: string,
  scale: TimeScale,
  empty: number | null,
): Point[] {
  const offset = Date.parse(now.meta.from) - Date.parse(before.meta.from);
  const snapped = pointsOf(before.rows, measure).map(
    ([ms, value]): Point => [
      scale.fromMs + Math.round((ms + offset - scale.fromMs) / scale.stepMs) * scale.stepMs,
      value,
    ],
  );
  return fillGaps(snapped, scale.stepMs, empty, scale.toMs);
}

interface LineWanted {
  name: string;
  measure: string;
  color: SeriesColor;
  empty: number | null;
}

/** One measure now and, dashed, in the compared time. */
export function lines(
  { now, before }: Compared,
  view: View,
  scale: TimeScale,
  wanted: LineWanted[],
): ChartSeries[] {
  return wanted.flatMap(({ name, measure, color, empty }) => {
    const line: ChartSeries = {
      name,
      color,
      kind: 'line',
      points: fillGaps(pointsOf(now.rows, measure), scale.stepMs, empty, scale.toMs),
    };
    if (!before || before.rows.length === 0) return [line];
    const points = moved(before, now, measure, scale, empty);
    return [
      line,
      {
        name: `${name}, ${compareLabels[view.cmp].toLowerCase()}`,
        color,
        kind: 'line',
        compare: true,
        points,
      },
    ];
  });
}

interface GroupsWanted {
  measure: string;
  kind: 'line' | 'bar';
  group: string;
  weight?: string;
}

/** One series per feature, the largest six; what may be added up gets "Other". */
export function groups(
  now: Series,
  scale: TimeScale,
  { measure, kind, group, weight }: GroupsWanted,
): ChartSeries[] {
  const all = byGroup(now.rows, group, measure, weight);
  const shown = kind === 'bar' ? withOther(all) : all.slice(0, 6);
  const colors = seriesColors(shown.flatMap(({ name }) => (name === OTHER ? [] : [name])));
  // Bars are stacked bucket by bucket, so all of them have the same ones.
  const buckets = fillGaps(
    onePerTime(shown.flatMap(({ points }) => points)),
    scale.stepMs,
    null,
    scale.toMs,
  ).map(([ms]) => ms);
  return shown.map(({ name, points }) => ({
    name: name || '(none)',
    color: name === OTHER ? 'muted' : (colors[name] ?? 'muted'),
    kind,
    points: kind === 'bar' ? onBuckets(points, buckets, 0) : fillGaps(points, scale.stepMs, null, scale.toMs),
  }));
}

/** The chart in a sentence, for those who cannot see it. */
export function sentence(what: string, series: readonly ChartSeries[], value: ValueAxis['value']): string {
  const parts = series.slice(0, 7).map(({ name, points }) => {
    const known = points.flatMap(([, figure]) => (figure === null ? [] : [figure]));
    if (known.length === 0) return `${name} has no data`;
    const write = (figure: number | undefined) => (figure === undefined ? MISSING : value(figure));
    return `${name} from ${write(known[0])} to ${write(known.at(-1))}, between ${write(Math.min(...known))} and ${write(Math.max(...known))}`;
  });
  return `${what}: ${parts.join('; ')}.`;
}

/** `completeUntil`: up to when data are complete, as the API says. */
export function drawing(
  what: string,
  series: ChartSeries[],
  scale: TimeScale,
  axis: ValueAxis,
  completeUntil: string | null = null,
): Drawing {
  return {
    label: sentence(what, series, axis.value),
    series,
    scale,
    axis,
    partialFromMs: earlierOf(partialFrom(scale, Date.now()), provisionalFrom(scale, completeUntil)),
  };
}
