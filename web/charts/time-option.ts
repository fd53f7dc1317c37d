import type { CustomSeriesRenderItemAPI } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import { DAY_MS, tick, time, toWall } from '../clock.ts';
import { intervalOption } from './interval-option.ts';
import { colorOf, type Palette, type SeriesColor } from './palette.ts';
import type { Point } from './points.ts';

export interface ChartSeries {
  name: string;
  color: SeriesColor;
  /** A `band` lies between its points and `high`, bucket by bucket; an `interval` likewise, around the line of its colour. */
  kind: 'line' | 'bar' | 'band' | 'interval';
  /** The compared period; its points carry the times of the shown one. */
  compare?: boolean;
  /** May still change, because a sender has not told everything yet. Its first point is the last one that is complete. */
  provisional?: boolean;
  points: Point[];
  /** Upper end of a band or an interval. */
  high?: Point[];
}

export interface TimeScale {
  fromMs: number;
  toMs: number;
  /** Length of a bucket. */
  stepMs: number;
  zone: string;
}

export interface ValueAxis {
  /** Smallest value drawn; null lets the data decide. */
  min: number | null;
  max?: number;
  /** Writes a tick, knowing the largest value, so that an axis has one unit. */
  ticks: (max: number) => (value: number) => string;
  /** Writes a value in the tooltip and the table. */
  value: (value: number | null) => string;
}

/** Room around the plot in pixels; overlays that are not part of the canvas count on it. */
export const GRID = { left: 56, right: 12, top: 12, bottom: 28 };

interface TimeOptionInput {
  series: readonly ChartSeries[];
  /** Start of what is provisional; null when nothing is. */
  partialFromMs?: number | null;
  /** End of it; null: the end of the scale. */
  partialToMs?: number | null;
  scale: TimeScale;
  axis: ValueAxis;
  palette: Palette;
  /** Pixels, for how many ticks fit. */
  width: number;
  /** Connected charts share the line under the pointer; only the one it is over explains its values. */
  isHovered: () => boolean;
}

/** The chart as the library wants it. Times are the zone's wall clock, so that ticks fall on its midnights. */
export function timeOption({
  series,
  partialFromMs = null,
  partialToMs = null,
  scale,
  axis,
  palette,
  width,
  isHovered,
}: TimeOptionInput): EChartsCoreOption {
  const wall = (ms: number) => toWall(ms, scale.zone);
  const span = scale.toMs - scale.fromMs;
  const text = { color: palette.muted, fontSize: 12, fontFamily: 'system-ui, sans-serif' };
  const ticks = axis.ticks(axis.max ?? largest(series));
  return {
    animation: false,
    useUTC: true,
    grid: GRID,
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: palette.control, width: 1 } },
      backgroundColor: palette.bg,
      borderColor: palette.line,
      padding: 8,
      confine: true,
      transitionDuration: 0,
      textStyle: { ...text, color: palette.ink },
      formatter: (points: unknown) =>
        isHovered()
          ? tooltip(points as Hovered[], series, {
              ...{ scale, axis, palette },
              isProvisional: at =>
                isBetween(at, partialFromMs && wall(partialFromMs), partialToMs && wall(partialToMs)),
            })
          : '',
    },
    xAxis: {
      type: 'time',
      min: wall(scale.fromMs),
      max: wall(scale.toMs),
      splitNumber: Math.max(2, Math.min(8, Math.floor(width / 110))),
      minInterval: span > 14 * DAY_MS ? DAY_MS : undefined,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true, formatter: (ms: number) => tick(ms, span) },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: axis.min ?? undefined,
      max: axis.max,
      scale: axis.min === null,
      splitNumber: 3,
      // The engine would hand over the tick's number as well.
      axisLabel: { ...text, formatter: (value: number) => ticks(value) },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
    },
    series: series.map(one =>
      seriesOption(one, scale, palette, ms => isBetween(ms, partialFromMs, partialToMs)),
    ),
  };
}

const isBetween = (ms: number, fromMs: number | null, toMs: number | null) =>
  fromMs !== null && ms >= fromMs && (toMs === null || ms < toMs);

/** The engine takes the smallest gap for the width of a bar, and makes room for it: of a lone bar that is half a chart. */
function withNeighbour(points: ChartSeries['points'], stepMs: number): ChartSeries['points'] {
  const [first, second] = points;
  if (!first || (second && second[0] - first[0] <= stepMs)) return points;
  return [first, [first[0] + stepMs, null], ...points.slice(1)];
}

function seriesOption(
  one: ChartSeries,
  scale: TimeScale,
  palette: Palette,
  isProvisional: (ms: number) => boolean,
) {
  const color = colorOf(one.color, palette);
  const points = one.kind === 'bar' ? withNeighbour(one.points, scale.stepMs) : one.points;
  const data = points.map(([ms, value], at) => {
    // In the middle of its bucket, where it belongs.
    const place = [toWall(ms + scale.stepMs / 2, scale.zone), value];
    const alone = value !== null && points[at - 1]?.[1] == null && points[at + 1]?.[1] == null;
    if (one.kind === 'bar' && isProvisional(ms)) return { value: place, itemStyle: { opacity: 0.5 } };
    return alone ? { value: place, symbol: 'circle', symbolSize: 5 } : place;
  });
  if (one.kind === 'band') return bandOption(one, scale, color);
  if (one.kind === 'interval') return intervalOption(one, scale, color);
  if (one.kind === 'bar')
    return {
      type: 'bar',
      name: one.name,
      data,
      stack: 'all',
      itemStyle: { color },
      barCategoryGap: '25%',
      barMaxWidth: 32,
      emphasis: { disabled: true },
    };
  return {
    type: 'line',
    name: one.name,
    data,
    symbol: 'none',
    connectNulls: false,
    lineStyle: {
      color,
      width: one.compare ? 1.5 : 2,
      type: one.provisional ? 'dotted' : one.compare ? 'dashed' : 'solid',
      opacity: one.compare || one.provisional ? 0.6 : 1,
    },
    itemStyle: { color },
    emphasis: { disabled: true },
    z: one.compare ? 2 : 3,
  };
}

/** A box per bucket from its lower to its upper end. */
function bandOption(one: ChartSeries, scale: TimeScale, color: string) {
  const highs = new Map(one.high);
  const half = scale.stepMs / 2;
  return {
    type: 'custom',
    name: one.name,
    data: one.points.map(([ms, low]) => [toWall(ms + half, scale.zone), low, highs.get(ms) ?? null]),
    encode: { x: 0, y: [1, 2] },
    clip: true,
    renderItem: (_: unknown, api: CustomSeriesRenderItemAPI) => {
      const middle = Number(api.value(0));
      const [left = 0, top = 0] = api.coord([middle - half, api.value(2)]);
      const [right = 0, bottom = 0] = api.coord([middle + half, api.value(1)]);
      const [, ground = 0] = api.coord([middle, 0]);
      const box = (from: number, to: number, opacity: number) => ({
        type: 'rect' as const,
        shape: { x: left + 1, y: from, width: right - left - 2, height: Math.max(0, to - from) },
        style: { fill: color, opacity },
        silent: true,
      });
      // What is below the range is as good as certain, and drawn so that the height can be compared with bars.
      return {
        type: 'group' as const,
        children: [box(top, Math.max(bottom, top + 2), 0.4), box(bottom, ground, 0.12)],
      };
    },
    z: 1,
  };
}

const largest = (series: readonly ChartSeries[]) =>
  series.reduce(
    (max, one) =>
      [...one.points, ...(one.high ?? [])].reduce((top, [, value]) => Math.max(top, value ?? 0), max),
    0,
  );

/** What the library hands to a tooltip. */
interface Hovered {
  seriesIndex: number;
  value: [wallMs: number, value: number | null, high?: number | null];
}

/** Built of elements, not of text: names come from senders and must never be read as HTML. */
function tooltip(
  hovered: readonly Hovered[],
  series: readonly ChartSeries[],
  {
    scale,
    axis,
    palette,
    isProvisional,
  }: Pick<TimeOptionInput, 'scale' | 'axis' | 'palette'> & { isProvisional: (wallMs: number) => boolean },
): HTMLElement {
  const box = document.createElement('div');
  const wallMs = hovered[0]?.value[0];
  if (wallMs === undefined) return box;
  const head = box.appendChild(document.createElement('div'));
  const provisional = isProvisional(wallMs - scale.stepMs / 2);
  head.textContent = `${bucketLabel(wallMs - scale.stepMs / 2, scale.stepMs)}${provisional ? ', provisional' : ''}`;
  Object.assign(head.style, { color: palette.muted, fontSize: '12px', marginBottom: '4px' });
  for (const { seriesIndex, value } of hovered) {
    const one = series[seriesIndex];
    if (!one || (one.kind === 'bar' && !value[1])) continue;
    // The point at which a line becomes provisional belongs to what is complete.
    if (one.provisional && !provisional) continue;
    const row = box.appendChild(document.createElement('div'));
    Object.assign(row.style, { display: 'flex', gap: '8px', alignItems: 'center', lineHeight: '20px' });
    const dot = row.appendChild(document.createElement('span'));
    Object.assign(dot.style, {
      width: one.kind === 'line' ? '14px' : '10px',
      height: one.kind === 'line' ? '0' : '10px',
      borderTop: one.kind === 'line' ? `2px ${lineStyle(one)} ${colorOf(one.color, palette)}` : '',
      background: one.kind === 'line' ? '' : colorOf(one.color, palette),
      opacity: one.high ? '0.4' : '',
    });
    const name = row.appendChild(document.createElement('span'));
    name.textContent = one.name;
    Object.assign(name.style, { flex: '1', maxWidth: '220px', overflow: 'hidden', textOverflow: 'ellipsis' });
    const figure = row.appendChild(document.createElement('span'));
    figure.textContent = one.high
      ? `${axis.value(value[1])} – ${axis.value(value[2] ?? null)}`
      : axis.value(value[1]);
    Object.assign(figure.style, { fontWeight: '600', fontVariantNumeric: 'tabular-nums' });
  }
  return box;
}

const lineStyle = ({ compare, provisional }: ChartSeries) =>
  provisional ? 'dotted' : compare ? 'dashed' : 'solid';

/** `Tue 10 14:00 – 14:15`, or the day alone; takes wall clock time. */
export function bucketLabel(wallStartMs: number, stepMs: number): string {
  const day = new Intl.DateTimeFormat(undefined, {
    timeZone: 'UTC',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  });
  if (stepMs >= 7 * DAY_MS) return `${day.format(wallStartMs)} – ${day.format(wallStartMs + stepMs - 1)}`;
  if (stepMs >= DAY_MS) return day.format(wallStartMs);
  return `${day.format(wallStartMs)}, ${time(wallStartMs, 'UTC')} – ${time(wallStartMs + stepMs, 'UTC')}`;
}
