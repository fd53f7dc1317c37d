import type { CustomSeriesRenderItemAPI } from 'echarts';
import { toWall } from '../../clock.ts';
import type { ChartSeries, TimeScale } from '../chart-series.ts';

const OPACITY = 0.18;
/** Pixels of an interval without neighbours. */
const ALONE_PX = 8;

/** A surface from the lower to the upper ends, from the middle of one bucket to that of the next; it breaks where either is missing. */
export function intervalOption(one: ChartSeries, scale: TimeScale, color: string) {
  const highs = new Map(one.high);
  const ends = one.points.map(([ms, low]) => {
    const high = highs.get(ms) ?? null;
    return low === null || high === null
      ? null
      : { at: toWall(ms + scale.stepMs / 2, scale.zone), low, high };
  });
  return {
    type: 'custom',
    name: one.name,
    data: one.points.map(([ms, low]) => [
      toWall(ms + scale.stepMs / 2, scale.zone),
      low,
      highs.get(ms) ?? null,
    ]),
    encode: { x: 0, y: [1, 2] },
    clip: true,
    renderItem: ({ dataIndex }: { dataIndex: number }, api: CustomSeriesRenderItemAPI) => {
      const [here, next] = [ends[dataIndex], ends[dataIndex + 1]];
      if (!here || (!next && ends[dataIndex - 1])) return;
      const [left = 0, low = 0] = api.coord([here.at, here.low]);
      const [, high = 0] = api.coord([here.at, here.high]);
      const style = { fill: color, opacity: OPACITY };
      if (!next) {
        const shape = { x: left - ALONE_PX / 2, y: high, width: ALONE_PX, height: Math.max(1, low - high) };
        return { type: 'rect' as const, shape, style, silent: true };
      }
      const points = [
        [left, high],
        api.coord([next.at, next.high]),
        api.coord([next.at, next.low]),
        [left, low],
      ];
      return { type: 'polygon' as const, shape: { points }, style, silent: true };
    },
    z: 1,
  };
}
