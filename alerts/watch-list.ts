import { listSeries, type StatsSeries } from '#store/queries/stats.ts';
import type { AlertsDeps } from './deps.ts';
import { alarmThreshold } from './drift/detector.ts';
import { dayMs } from './drift/season.ts';
import type { SeriesMemory } from './series-memory.ts';
import { watchedMetric } from './watched-metric.ts';

/** A series × metric with data: when it was first and last seen (bucket starts). */
export interface ListedSeries extends StatsSeries {
  firstMs: number;
  lastMs: number;
}

/** A series that has been silent this long no longer counts towards the number watched. */
export const silentMs = 28 * dayMs;

/** What counts as a watched series, learning or not, wherever series are counted: it has had values within 28 days. */
export const isWatched = ({ detector }: Pick<SeriesMemory, 'detector'>, nowMs: number): boolean =>
  (detector.lastStartMs ?? Number.NEGATIVE_INFINITY) >= nowMs - silentMs;

/** Series × watched metric with values from `fromMs` on. */
export async function readListed(deps: AlertsDeps, fromMs: number, toMs: number): Promise<ListedSeries[]> {
  const { clickhouse, projectId } = deps;
  const listed = await listSeries(clickhouse, { projectId, fromMs, toMs });
  return listed.filter(({ metric }) => watchedMetric(metric) !== null);
}

/** What the budget of false alarms is shared by: the series watched, and never fewer than the settings reckon with. */
export interface FalseAlarmBudget {
  /** B. */
  falseAlarmsPerWeek: number;
  /** Least K. */
  seriesAtLeast: number;
}

/** How many series × metric are watched at a time: those that had data before it and were not silent for 28 days, learning ones included. */
export function watchedAt(listed: readonly ListedSeries[]): (startMs: number) => number {
  const ascending = (one: number, other: number) => one - other;
  const firsts = Float64Array.from(listed, ({ firstMs }) => firstMs).sort(ascending);
  const lasts = Float64Array.from(listed, ({ lastMs }) => lastMs).sort(ascending);
  return startMs => countBelow(firsts, startMs) - countBelow(lasts, startMs - silentMs);
}

/**
 * The alarm threshold at a bucket, with K as watched at that time. A function of data and settings alone, so that
 * evaluating later gives the same threshold.
 */
export function thresholds(
  listed: readonly ListedSeries[],
  { falseAlarmsPerWeek, seriesAtLeast }: FalseAlarmBudget,
): (startMs: number) => number {
  const watched = watchedAt(listed);
  return startMs => alarmThreshold({ series: Math.max(seriesAtLeast, watched(startMs)), falseAlarmsPerWeek });
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
