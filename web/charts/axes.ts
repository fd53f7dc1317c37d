import { DAY_MS, fromWall, tick, toWall } from '../clock.ts';
import { type ChartSeries, GRID, type TimeScale, type ValueAxis } from './chart-series.ts';
import { timeTicks } from './time-axis.ts';
import { type ValueScale, valueScale } from './value-scale.ts';

/** Pixels of a sign of the smallest text, a little more than it is. */
const SIGN_PX = 6.6;
export const LABEL_GAP_PX = 8;

export interface Axes {
  value: ValueScale;
  /** Writes a tick of the value axis. */
  write: (value: number) => string;
  /** Ticks of the time axis, as the zone's wall clock, with their distance from the left. */
  times: { wallMs: number; x: number; text: string }[];
}

/** Where the axes of a chart have their ticks: the sketch and the charting library must agree. */
export function axesOf(
  series: readonly ChartSeries[],
  scale: TimeScale,
  axis: ValueAxis,
  widthPx: number,
): Axes {
  const extent = extentOf(series) ?? { low: 0, high: 0 };
  return {
    value: valueScale(extent.low, extent.high, axis.min, axis.max),
    write: axis.ticks(axis.max ?? extent.high),
    times: timeLabels(scale, widthPx),
  };
}

/** Ticks at round times of the zone's clock; one that would touch its neighbour or the edge is left out. */
function timeLabels({ fromMs, toMs, zone }: TimeScale, widthPx: number): Axes['times'] {
  const span = toMs - fromMs;
  const plotPx = widthPx - GRID.left - GRID.right;
  const count = Math.max(2, Math.min(8, Math.floor(widthPx / 110)));
  const atLeastMs = span > 14 * DAY_MS ? DAY_MS : undefined;
  const labels: Axes['times'] = [];
  let endPx = 0;
  for (const wallMs of timeTicks(toWall(fromMs, zone), toWall(toMs, zone), count, atLeastMs)) {
    const x = GRID.left + (plotPx * (fromWall(wallMs, zone) - fromMs)) / span;
    const text = tick(wallMs, span);
    const half = (text.length * SIGN_PX) / 2;
    if (x - half < endPx || x + half > widthPx + 2) continue;
    labels.push({ wallMs, x, text });
    endPx = x + half + LABEL_GAP_PX;
  }
  return labels;
}

/** Smallest and largest value that is drawn, with bars on top of each other; null when there is none. */
export function extentOf(series: readonly ChartSeries[]): { low: number; high: number } | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (value: number | null) => {
    if (value === null) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  const above = new Map<number, number>();
  const below = new Map<number, number>();
  for (const { kind, points, high: highs } of series) {
    for (const [ms, value] of points) {
      if (kind !== 'bar' || value === null) {
        take(value);
        continue;
      }
      const stack = value > 0 ? above : below;
      stack.set(ms, (stack.get(ms) ?? 0) + value);
    }
    for (const [, value] of highs ?? []) take(value);
  }
  for (const sum of [...above.values(), ...below.values()]) take(sum);
  return low > high ? null : { low, high };
}
