import { listSeries, type StatsSeries } from '#store/queries/stats.ts';
import type { AlertsDeps } from './deps.ts';
import { alarmThreshold } from './drift/detector.ts';
import { dayMs } from './drift/season.ts';
import { watchedMetric } from './watched-metric.ts';

/** A series × metric with data: when it was first and last seen (bucket starts). */
export interface ListedSeries extends StatsSeries {
  firstMs: number;
  lastMs: number;
}

/** A series that has been silent this long no longer counts towards the number watched. */
const silentMs = 28 * dayMs;

/** Series × watched metric with values from `fromMs` on. */
export async function readListed(deps: AlertsDeps, fromMs: number, toMs: number): Promise<ListedSeries[]> {
  const { clickhouse, projectId } = deps;
  const listed = await listSeries(clickhouse, { projectId, fromMs, toMs });
  return listed.filter(({ metric }) => watchedMetric(metric) !== null);
}

/**
 * The budget of false alarms is meant for this many series, as the detector was measured. With fewer the same budget
 * would allow each of them more: a small installation should be paged less often for nothing, not as often.
 */
const smallestFamily = 200;

/**
 * The alarm threshold at a bucket: ln(K T / B), where K counts the series × metric that had data before the bucket and
 * were not silent for 28 days, learning ones included. A function of the data alone, so that evaluating later gives the
 * same threshold.
 */
export function thresholds(
  listed: readonly ListedSeries[],
  falseAlarmsPerWeek: number,
): (startMs: number) => number {
  const ascending = (one: number, other: number) => one - other;
  const firsts = Float64Array.from(listed, ({ firstMs }) => firstMs).sort(ascending);
  const lasts = Float64Array.from(listed, ({ lastMs }) => lastMs).sort(ascending);
  return startMs => {
    const series = countBelow(firsts, startMs) - countBelow(lasts, startMs - silentMs);
    return alarmThreshold({ series: Math.max(smallestFamily, series), falseAlarmsPerWeek });
  };
}

function countBelow(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
