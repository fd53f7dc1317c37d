import { readStats, type StatsBucket } from '#store/queries/stats.ts';
import { listAcceptedLevels } from '#store/state/accepted-levels.ts';
import { getIncident } from '#store/state/incidents.ts';
import { acceptedLevel, newlyAccepted } from './accepted.ts';
import type { AlertsDeps } from './deps.ts';
import { oldestDatingMs } from './drift/change-point.ts';
import type { StoredBucket } from './drift/metrics.ts';
import { dayMs } from './drift/season.ts';
import type { Group, WatchedSeries } from './evaluate.ts';
import { seriesKey } from './finding.ts';
import { longestWindowMs } from './finding-of.ts';
import { fromRow } from './incident-rows.ts';
import { oldestRemembered, type SeriesMemory } from './series-memory.ts';
import type { ListedSeries } from './watch-list.ts';

/** A series × metric of a group as far as it is known before its buckets are read. */
export interface DueSeries {
  listed: ListedSeries;
  memory: SeriesMemory;
  untilMs: number;
}

export interface LoadedGroup extends Group {
  /** Calls of a model in this group's feature and environment, by bucket. */
  requests: Map<string, readonly StoredBucket[]>;
}

const referenceMs = 29 * dayMs;

/** Reads what evaluating a feature in an environment takes: buckets, and the incidents its open findings belong to. */
export async function loadGroup(
  deps: AlertsDeps,
  due: readonly DueSeries[],
  range: { fromMs: number; thresholdAt: Group['thresholdAt'] },
): Promise<LoadedGroup> {
  const { feature, environment } = due[0]!.listed;
  const { projectId, clickhouse } = deps;
  const accepted = (await listAcceptedLevels(deps.state, { projectId, feature })).map(acceptedLevel);
  const fromMs = Math.min(
    ...due.map(oldestNeeded),
    // Accepted in this very evaluation: the level is learned from all that came since.
    ...due.flatMap(
      ({ listed, memory }) =>
        newlyAccepted({ series: listed, rollup: listed.metric, memory }, accepted)?.fromMs ?? [],
    ),
  );
  const toMs = Math.max(...due.map(({ untilMs }) => untilMs));
  const metrics = [...new Set(['requests', ...due.map(({ listed }) => listed.metric)])];
  const stats = await readStats(clickhouse, { projectId, fromMs, toMs }, { feature, environment, metrics });
  const byKey = new Map(
    stats.map(({ series, buckets }) => [seriesKey(series), { metric: series.metric, buckets }]),
  );
  const series = due.map(({ listed, memory, untilMs }): WatchedSeries => {
    const { model, metric } = listed;
    const read = byKey.get(seriesKey(listed))?.buckets ?? [];
    const buckets = read.filter(({ startMs }) => startMs < untilMs).map(bucket => toBucket(bucket, metric));
    return { series: { feature, model, environment }, rollup: metric, memory, buckets, untilMs };
  });
  const requests = stats
    .filter(one => one.series.metric === 'requests')
    .map(
      ({ series: { model }, buckets }) =>
        [model, buckets.map(bucket => toBucket(bucket, 'requests'))] as const,
    );
  return {
    ...range,
    series,
    incidents: await loadIncidents(deps, due),
    accepted,
    requests: new Map(requests),
  };
}

/** A day's fit reaches 29 days back, an open finding to its change; otherwise the new buckets and the last days will do. */
function oldestNeeded({ listed, memory, untilMs }: DueSeries): number {
  const { lastStartMs, open, fitDayMs, season, baseline, referenceFromMs, detector } = memory.detector;
  if (lastStartMs === null) return listed.firstMs;
  const sinceMs = Math.min(lastStartMs, ...detector.hypotheses.map(one => one.sinceMs ?? lastStartMs));
  const dated = oldestDatingMs(sinceMs, lastStartMs, untilMs);
  if (season && !baseline) return Math.min(referenceFromMs!, dated);
  // Dating a change looks back from the bucket that alarms, the count of late values over the last days.
  const remembered = Math.min(oldestRemembered(lastStartMs), dated);
  if (open) return Math.min(remembered, Math.max(open.changeStartMs, untilMs - longestWindowMs - dayMs));
  const fitted = fitDayMs !== null && fitDayMs === Math.floor((untilMs - 1) / dayMs) * dayMs;
  return fitted ? remembered : Math.floor(lastStartMs / dayMs) * dayMs - referenceMs;
}

async function loadIncidents(deps: AlertsDeps, due: readonly DueSeries[]): Promise<Group['incidents']> {
  const ids = new Set(due.flatMap(({ memory }) => memory.incidentId ?? []));
  const rows = await Promise.all([...ids].map(id => getIncident(deps.state, id)));
  return rows.flatMap(row => (row ? [fromRow(row).incident] : []));
}

/** Bins are kept for the latency alone; for the rest they would only take memory. */
function toBucket({ startMs, n, sum, sumSq, bins }: StatsBucket, metric: string): StoredBucket {
  return metric === 'latency' ? { startMs, n, sum, sumSq, bins } : { startMs, n, sum, sumSq };
}
