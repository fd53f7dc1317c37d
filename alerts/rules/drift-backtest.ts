import type { WouldFire } from '#contract/rule.ts';
import { readStats, type StatsBucket } from '#store/queries/stats.ts';
import type { AlertsDeps } from '../deps.ts';
import { latencyCut } from '../drift/latency-tail.ts';
import type { StoredBucket } from '../drift/metrics.ts';
import { bucketMs, dayMs } from '../drift/season.ts';
import { evaluateGroup, type Group, type WatchedSeries } from '../evaluate.ts';
import { groupBy } from '../group-by.ts';
import { leadOf } from '../incident.ts';
import { freshMemory } from '../series-memory.ts';
import { type FalseAlarmBudget, type ListedSeries, readListed, thresholds } from '../watch-list.ts';
import { watchedMetric } from '../watched-metric.ts';
import { title } from '../words.ts';
import type { Backtest } from './backtest.ts';

/** What the detector learns from before the time that is asked about. */
const learningMs = 35 * dayMs;

export interface DriftQuestion {
  metric?: string | undefined;
  filter: { feature?: string | undefined; model?: string | undefined; environment?: string | undefined };
  fromMs: number;
  toMs: number;
  budget: FalseAlarmBudget;
}

/** What the drift detector would have paged: a replay from nothing through the evaluation that is live. */
export async function driftBacktest(deps: AlertsDeps, asked: DriftQuestion): Promise<Backtest> {
  const beginMs = asked.fromMs - learningMs;
  const all = await readListed(deps, beginMs, asked.toMs);
  const thresholdAt = thresholds(all, asked.budget);
  const { filter, metric } = asked;
  const meant = all.filter(
    one =>
      (metric === undefined || watchedMetric(one.metric)?.name === metric) &&
      (filter.feature === undefined || one.feature === filter.feature) &&
      (filter.model === undefined || one.model === filter.model) &&
      (filter.environment === undefined || one.environment === filter.environment),
  );
  const untilMs = Math.floor(asked.toMs / bucketMs) * bucketMs;
  const fired: WouldFire[] = [];
  let judged = 0;
  const groups = groupBy(meant, ({ feature, environment }) => JSON.stringify([feature, environment]));
  for (const listed of groups.values()) {
    const group: Group = {
      series: await readSeries(deps, listed, { fromMs: beginMs, toMs: untilMs }),
      incidents: [],
      fromMs: Math.floor(beginMs / bucketMs) * bucketMs,
      thresholdAt,
    };
    const changes = evaluateGroup(group);
    for (const { buckets, memory } of group.series) {
      if (memory.detector.baseline) judged += buckets.filter(({ startMs }) => startMs >= asked.fromMs).length;
    }
    // What got better is kept and never sent, also when it is over.
    for (const { incident, kind, atMs } of changes) {
      if (kind !== 'fired' || atMs < asked.fromMs) continue;
      const lead = leadOf(incident);
      fired.push({
        labels: { feature: incident.feature, environment: incident.environment, metric: lead.metric },
        title: title(lead),
        fired_at: new Date(atMs).toISOString(),
        resolved_at: incident.resolvedAtMs === null ? null : new Date(incident.resolvedAtMs).toISOString(),
        value: null,
      });
    }
  }
  fired.sort((one, other) => (one.fired_at < other.fired_at ? -1 : 1));
  const steps = Math.floor((untilMs - asked.fromMs) / bucketMs);
  // Of the series together: a quarter of an hour counts as far as its series were judged.
  return { fired, judged: Math.min(steps, Math.round(judged / Math.max(1, meant.length))), steps };
}

/** The quarters of an hour of what one incident may be about, only of the metrics that are asked about. */
async function readSeries(
  { clickhouse, projectId }: AlertsDeps,
  listed: readonly ListedSeries[],
  range: { fromMs: number; toMs: number },
): Promise<WatchedSeries[]> {
  const { feature, environment } = listed[0]!;
  const series: WatchedSeries[] = [];
  for (const metric of new Set(listed.map(one => one.metric))) {
    const stats = await readStats(clickhouse, { projectId, ...range }, { feature, environment, metric });
    for (const { series: own, buckets } of stats) {
      if (!listed.some(one => one.metric === metric && one.model === own.model)) continue;
      series.push({
        series: { feature, model: own.model, environment },
        rollup: metric,
        memory: freshMemory(),
        buckets: metric === 'latency' ? aroundTheCut(buckets) : buckets.map(withoutBins),
        untilMs: range.toMs,
      });
    }
  }
  return series;
}

const withoutBins = ({ startMs, n, sum, sumSq }: StatsBucket): StoredBucket => ({ startMs, n, sum, sumSq });

/** Bins beside the p95 of every day that are kept apart: a fifth up or down. */
const marginBins = 5;

/**
 * Buckets with their bins, of which those that no cut can lie in are put together. A cut is the p95 of whole days, and that of days
 * together lies between the lowest and the highest of theirs, so the detector sees the same in a fraction of the time.
 */
function aroundTheCut(buckets: readonly StatsBucket[]): StoredBucket[] {
  const days = new Map<number, Map<number, number>>();
  for (const { startMs, bins } of buckets) {
    const day = Math.floor(startMs / dayMs);
    const sums = days.get(day) ?? new Map<number, number>();
    days.set(day, sums);
    addBins(sums, bins, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }
  const cuts = [...days.values()].flatMap(sums => latencyCut(sums) ?? []);
  const lowest = Math.min(...cuts) - marginBins;
  const highest = Math.max(...cuts) + marginBins;
  return buckets.map(bucket => ({
    ...withoutBins(bucket),
    bins: addBins(new Map(), bucket.bins, lowest, highest),
  }));
}

/** Adds counts, those beyond `lowest` and `highest` to these. */
function addBins(
  sums: Map<number, number>,
  bins: StatsBucket['bins'],
  lowest: number,
  highest: number,
): Map<number, number> {
  for (const name in bins) {
    const bin = Math.min(highest, Math.max(lowest, Number(name)));
    sums.set(bin, (sums.get(bin) ?? 0) + bins[Number(name)]!);
  }
  return sums;
}
