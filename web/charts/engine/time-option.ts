import type { CustomSeriesRenderItemAPI } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import { toWall } from '../../clock.ts';
import { axesOf } from '../axes.ts';
import { type ChartSeries, GRID, type TimeScale } from '../chart-series.ts';
import { colorOf, type Palette } from '../palette.ts';
import { withProvisional } from '../provisional.ts';
import type { SketchProps } from '../sketch.tsx';
import { intervalOption } from './interval-option.ts';
import { type Hovered, tooltip } from './tooltip.ts';

/**
 * The chart as the library wants it. Times are the zone's wall clock, so that ticks fall on its midnights; the axes are
 * those of the sketch it takes the place of. Connected charts share the line under the pointer; only the one that
 * `isHovered` explains its values.
 */
export function timeOption(
  { series: given, scale, axis, partialFromMs, partialToMs, width }: SketchProps,
  palette: Palette,
  isHovered: () => boolean,
): EChartsCoreOption {
  const wall = (ms: number) => toWall(ms, scale.zone);
  const text = { color: palette.muted, fontSize: 12, fontFamily: 'system-ui, sans-serif' };
  const { value, write, times } = axesOf(given, scale, axis, width);
  // What lies beyond an end is something else, such as a forecast.
  const series = partialToMs === undefined ? withProvisional(given, partialFromMs) : given;
  const isProvisional = (ms: number) =>
    partialFromMs !== null && ms >= partialFromMs && (partialToMs === undefined || ms < partialToMs);
  const texts = new Map(times.map(time => [time.wallMs, time.text]));
  const provisionalAt = (wallMs: number) =>
    partialFromMs !== null &&
    wallMs >= wall(partialFromMs) &&
    (partialToMs === undefined || wallMs < wall(partialToMs));
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
          ? tooltip(points as Hovered[], series, { scale, axis, palette, isProvisional: provisionalAt })
          : '',
    },
    xAxis: {
      type: 'time',
      min: wall(scale.fromMs),
      max: wall(scale.toMs),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: {
        ...text,
        customValues: times.map(({ wallMs }) => wallMs),
        formatter: (ms: number) => texts.get(ms) ?? '',
        interval: 0,
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: value.min,
      max: value.max,
      axisTick: { show: false, customValues: value.ticks },
      // The engine would hand over the tick's number as well.
      axisLabel: { ...text, customValues: value.ticks, formatter: (one: number) => write(one) },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.6 } },
    },
    series: series.map(one => seriesOption(one, scale, palette, isProvisional)),
  };
}

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
