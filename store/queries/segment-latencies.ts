import type { CauseDimension } from '#contract/explanation.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { type Beside, type CellWindows, callRows, cellParams, keptValue } from './call-cells.ts';
import type { CallColumn, CallValuesOf } from './call-values.ts';

/** Calls by the log bin of their duration, `floor(25 ln ms)`, in ascending order; 4 % wide each. */
export type LatencyBins = [bin: number, calls: number][];

/** Latencies of one segment before a change and since. */
export interface SegmentLatencies {
  before: LatencyBins;
  after: LatencyBins;
}

interface Condition {
  dimension: CauseDimension;
  value: string;
}

const besideCalls: readonly CauseDimension[] = ['tool', 'region', 'language'];

/**
 * Histograms of the latencies of the calls that meet all conditions of a segment, of the same calls that `readCallCells` tells
 * apart, one for each segment in their order. Whole numbers: the same rows give the same answer.
 */
export async function readSegmentLatencies(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  windows: CellWindows,
  segments: readonly (readonly Condition[])[],
): Promise<SegmentLatencies[]> {
  if (segments.length === 0) return [];
  const named = [...new Set(segments.flat().map(({ dimension }) => dimension))];
  const own = named.filter(name => !besideCalls.includes(name)) as CallColumn[];
  const beside: Beside = {
    tool: named.includes('tool'),
    place: named.includes('region') || named.includes('language'),
  };
  const values = segments.flat().map(({ value }) => value);
  let parameter = 0;
  const meets = segments.map(conditions =>
    conditions.map(({ dimension }) => `${dimension} = {value${parameter++}:String}`).join(' AND '),
  );
  const counts = meets.flatMap(condition => [
    `toUInt64(countIf(NOT later AND ${condition}))`,
    `toUInt64(countIf(later AND ${condition}))`,
  ]);
  const dimensions = named.map(name => keptValue(name, windows));
  const rows = await clickhouse.query<{ bin: number; counts: string[] }>(
    `SELECT bin, [${counts.join(', ')}] AS counts
     FROM (SELECT ${dimensions.join(', ')}, at >= {changed:DateTime64(3)} AS later, toInt32(floor(25 * log(duration_ms))) AS bin
       FROM (${callRows(of, [...own, 'duration_ms'], beside)}))
     GROUP BY bin ORDER BY bin`,
    {
      ...cellParams(of, windows),
      ...Object.fromEntries(values.map((value, index) => [`value${index}`, value])),
    },
    {
      settings: {
        ...alertLimits,
        do_not_merge_across_partitions_select_final: 1,
        optimize_move_to_prewhere_if_final: 1,
      },
    },
  );
  const binsOf = (column: number): LatencyBins =>
    rows.flatMap(({ bin, counts: of }) => {
      const calls = Number(of[column]);
      return calls > 0 ? [[bin, calls] as [number, number]] : [];
    });
  return segments.map((_, index) => ({ before: binsOf(2 * index), after: binsOf(2 * index + 1) }));
}
