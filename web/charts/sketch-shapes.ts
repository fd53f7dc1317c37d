import type { ChartSeries, TimeScale } from './chart-series.ts';
import { cssColor } from './palette.ts';

/** From data to pixels. */
export interface PlotSpace {
  x: (ms: number) => number;
  y: (value: number) => number;
  /** Pixels of a bucket. */
  stepPx: number;
}

/** One path of a chart. */
export interface Shape {
  d: string;
  fill?: string;
  stroke?: string;
  strokeWidth?: number;
  dash?: string;
  opacity?: number;
}

type IsProvisional = (ms: number) => boolean;

const BAR_PART = 0.75;
const BAR_MAX_PX = 32;
const DOT_PX = 2.5;
const INTERVAL_OPACITY = 0.18;
/** Width of an interval without neighbours. */
const ALONE_PX = 8;

/** The series of a chart from back to front: surfaces, bars, what is compared, lines. */
export function shapesOf(
  series: readonly ChartSeries[],
  scale: TimeScale,
  space: PlotSpace,
  isProvisional: IsProvisional,
): Shape[] {
  const of = (kind: ChartSeries['kind']) => series.filter(one => one.kind === kind);
  const lines = of('line');
  return [
    ...of('band').flatMap(one => bandShapes(one, scale, space)),
    ...of('interval').map(one => intervalShape(one, scale, space)),
    ...barShapes(of('bar'), scale, space, isProvisional),
    ...lines.filter(one => one.compare).flatMap(one => lineShapes(one, scale, space)),
    ...lines.filter(one => !one.compare).flatMap(one => lineShapes(one, scale, space)),
  ];
}

/** Half a pixel is less than anybody sees, and keeps a path of two thousand points short. */
const px = (value: number) => Math.round(value * 10) / 10;
const box = (x: number, y: number, width: number, height: number) =>
  `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}z`;

function lineShapes(one: ChartSeries, { stepMs }: TimeScale, { x, y }: PlotSpace): Shape[] {
  let path = '';
  let dots = '';
  one.points.forEach(([ms, value], at) => {
    if (value === null) return;
    const place = `${px(x(ms + stepMs / 2))} ${px(y(value))}`;
    const follows = one.points[at - 1]?.[1] != null;
    path += `${follows ? 'L' : 'M'}${place}`;
    // A point without neighbours would not show as a line.
    if (!follows && one.points[at + 1]?.[1] == null)
      dots += `M${place}m${-DOT_PX} 0a${DOT_PX} ${DOT_PX} 0 1 0 ${2 * DOT_PX} 0a${DOT_PX} ${DOT_PX} 0 1 0 ${-2 * DOT_PX} 0`;
  });
  const stroke = cssColor(one.color);
  const opacity = one.compare || one.provisional ? 0.6 : 1;
  const dash = one.provisional ? '2 2' : one.compare ? '6 3' : undefined;
  const line = { d: path, stroke, strokeWidth: one.compare ? 1.5 : 2, opacity, ...(dash && { dash }) };
  return dots ? [line, { d: dots, fill: stroke, opacity }] : [line];
}

/** Stacked in their order, what is below zero downwards. */
function barShapes(
  series: readonly ChartSeries[],
  { stepMs }: TimeScale,
  { x, y, stepPx }: PlotSpace,
  isProvisional: IsProvisional,
): Shape[] {
  const width = Math.max(1, Math.min(BAR_MAX_PX, stepPx * BAR_PART));
  const above = new Map<number, number>();
  const below = new Map<number, number>();
  return series.flatMap(({ points, color }) => {
    let whole = '';
    let provisional = '';
    for (const [ms, value] of points) {
      if (!value) continue;
      const stack = value > 0 ? above : below;
      const from = stack.get(ms) ?? 0;
      stack.set(ms, from + value);
      const [top, bottom] = [y(Math.max(from, from + value)), y(Math.min(from, from + value))];
      const bar = box(x(ms + stepMs / 2) - width / 2, top, width, bottom - top);
      if (isProvisional(ms)) provisional += bar;
      else whole += bar;
    }
    const fill = cssColor(color);
    const halves: Shape[] = [
      { d: whole, fill },
      { d: provisional, fill, opacity: 0.5 },
    ];
    return halves.filter(({ d }) => d !== '');
  });
}

/** A box per bucket from its lower to its upper end. What is below is as good as certain, and drawn to compare with bars. */
function bandShapes(one: ChartSeries, { stepMs }: TimeScale, { x, y }: PlotSpace): Shape[] {
  const highs = new Map(one.high);
  let range = '';
  let ground = '';
  for (const [ms, low] of one.points) {
    const high = highs.get(ms) ?? null;
    if (low === null || high === null) continue;
    const [left, right] = [x(ms) + 1, x(ms + stepMs) - 1];
    const [top, bottom] = [y(high), y(low)];
    range += box(left, top, right - left, Math.max(bottom - top, 2));
    ground += box(left, bottom, right - left, Math.max(0, y(0) - bottom));
  }
  const fill = cssColor(one.color);
  return [
    { d: range, fill, opacity: 0.4 },
    { d: ground, fill, opacity: 0.12 },
  ];
}

/** A surface from the middle of one bucket to that of the next; it breaks where either end is missing. */
function intervalShape(one: ChartSeries, { stepMs }: TimeScale, { x, y }: PlotSpace): Shape {
  const highs = new Map(one.high);
  const runs: [x: number, low: number, high: number][][] = [[]];
  for (const [ms, low] of one.points) {
    const high = highs.get(ms) ?? null;
    if (low === null || high === null) runs.push([]);
    else runs.at(-1)?.push([px(x(ms + stepMs / 2)), px(y(low)), px(y(high))]);
  }
  const paths = runs.map(run => {
    const first = run[0];
    if (!first) return '';
    const [left, low, high] = first;
    if (run.length === 1) return box(left - ALONE_PX / 2, high, ALONE_PX, Math.max(1, low - high));
    const upper = run.map(([at, , top]) => `${at} ${top}`);
    const lower = run.map(([at, bottom]) => `${at} ${bottom}`).reverse();
    return `M${[...upper, ...lower].join('L')}z`;
  });
  return { d: paths.join(''), fill: cssColor(one.color), opacity: INTERVAL_OPACITY };
}
