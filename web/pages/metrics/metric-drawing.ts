import type { Drawing } from '../../charts/chart-panel.tsx';
import type { ChartSeries, TimeScale } from '../../charts/chart-series.ts';
import {
  fillGaps,
  type NamedPoints,
  OTHER,
  onBuckets,
  onePerTime,
  type Point,
  withOther,
} from '../../charts/points.ts';
import { seriesColors } from '../../charts/series-colors.ts';
import type { MetricSeries } from '../../data/otlp-metrics.ts';
import { instantMs, type Range } from '../../state/range.ts';
import { drawing } from '../overview/drawings.ts';
import type { HistogramFigure } from './figures.ts';
import { axisOf, isHistogram, stepWords, unitWords } from './metric-words.ts';

type Quantity = 'value' | 'count' | 'p50' | 'p95' | 'p99';

/** Lines and bars that can be told apart. */
export const mostShown = 6;

export interface MetricDrawing extends Drawing {
  title: string;
  /** Groups that are not drawn. */
  left: number;
}

/** A metric as a chart: what was added as bars, everything that cannot be added up as lines. */
export function drawMetric(
  data: MetricSeries,
  figure: HistogramFigure,
  range: Range,
  zone: string,
  nowMs: number,
): MetricDrawing {
  const scale = scaleOf(data, range, zone, nowMs);
  const grouped = data.series.some(({ group }) => group !== '');
  const per = `per ${stepWords(data.interval_s)}`;
  const unit = unitWords(data.unit);
  const called = (what: string, axis: Drawing['axis'], series: ChartSeries[], left: number) => ({
    ...drawing(`${data.name}, ${what}`, series, scale, axis),
    title: what,
    left,
  });
  if (isHistogram(data.kind) && figure === 'quantiles') {
    const axis = axisOf(data.unit, 0);
    if (grouped) {
      const { series, left } = lines(data, 'p95', scale);
      return called('95th percentile', lowest(axis, series), series, left);
    }
    const series = quantileLines(data, scale);
    return called('Percentiles', lowest(axis, series), series, 0);
  }
  if (data.kind === 'gauge') {
    const { series, left } = lines(data, 'value', scale);
    return called(`Mean ${per}`, lowest(axisOf(data.unit, 0), series), series, left);
  }
  const counted = data.kind !== 'sum' && figure !== 'sum';
  if (counted) return called(`Measurements ${per}`, axisOf('', 0), bars(data, 'count', scale), 0);
  if (data.kind === 'sum' && !data.monotonic) {
    const { series, left } = lines(data, 'value', scale);
    return called(capital(`change of ${unit} ${per}`), axisOf(data.unit, null), series, left);
  }
  const what = data.kind === 'sum' ? `${unit} ${per}` : `sum of ${unit} ${per}`;
  return called(capital(what), axisOf(data.unit, 0), bars(data, 'value', scale), 0);
}

const capital = (text: string) => {
  const tidy = text.replaceAll(/\s+/g, ' ').trim();
  return tidy.charAt(0).toUpperCase() + tidy.slice(1);
};

function scaleOf({ interval_s }: MetricSeries, range: Range, zone: string, nowMs: number): TimeScale {
  const stepMs = interval_s * 1000;
  const fromMs = Math.floor(instantMs(range.from, nowMs) / stepMs) * stepMs;
  return { fromMs, toMs: instantMs(range.to, nowMs), stepMs, zone };
}

/** A scale from 0 unless something lies below. */
function lowest(axis: Drawing['axis'], series: readonly ChartSeries[]): Drawing['axis'] {
  const isNegative = series.some(({ points }) => points.some(([, value]) => value !== null && value < 0));
  return isNegative ? { ...axis, min: null } : axis;
}

function named(data: MetricSeries, quantity: Quantity): NamedPoints[] {
  return data.series.map(({ group, points }) => ({
    name: group,
    total: points.reduce((sum, point) => sum + Math.abs(point[quantity] ?? 0), 0),
    points: points.map((point): Point => [Date.parse(point.time), point[quantity]]),
  }));
}

const NONE = '(none)';
const label = (name: string, data: MetricSeries) =>
  data.series.length === 1 && name === '' ? data.name : name || NONE;

function colored(shown: readonly NamedPoints[]): (name: string) => ChartSeries['color'] {
  if (shown.length === 1) return () => 'accent';
  const colors = seriesColors(shown.flatMap(({ name }) => (name === OTHER ? [] : [name || NONE])));
  return name => (name === OTHER ? 'muted' : (colors[name || NONE] ?? 'muted'));
}

function lines(data: MetricSeries, quantity: Quantity, scale: TimeScale) {
  const all = named(data, quantity);
  const shown = all.slice(0, mostShown);
  const color = colored(shown);
  const series = shown.map(
    ({ name, points }): ChartSeries => ({
      name: label(name, data),
      color: color(name),
      kind: 'line',
      points: fillGaps(points, scale.stepMs, null, scale.toMs),
    }),
  );
  return { series, left: all.length - shown.length };
}

function bars(data: MetricSeries, quantity: Quantity, scale: TimeScale): ChartSeries[] {
  const shown = withOther(
    // What the API has put together is part of the rest, however much it is.
    named(data, quantity).sort(
      (a, b) => Number(a.name === OTHER) - Number(b.name === OTHER) || b.total - a.total,
    ),
    mostShown,
  );
  const color = colored(shown);
  // Bars are stacked bucket by bucket, so all of them have the same ones.
  const known = onePerTime(shown.flatMap(({ points }) => points));
  const buckets = fillGaps(known, scale.stepMs, null, scale.toMs).map(([ms]) => ms);
  return shown.map(({ name, points }) => ({
    name: label(name, data),
    color: color(name),
    kind: 'bar',
    points: onBuckets(points, buckets, null),
  }));
}

const QUANTILES = [
  ['p50', 'muted'],
  ['p95', 'accent'],
  ['p99', 2],
] as const;

function quantileLines(data: MetricSeries, scale: TimeScale): ChartSeries[] {
  return QUANTILES.map(([quantity, color]) => ({
    name: quantity,
    color,
    kind: 'line',
    points: fillGaps(named(data, quantity)[0]?.points ?? [], scale.stepMs, null, scale.toMs),
  }));
}
