import type { z } from 'zod';
import type { driftBudget, listDriftSeries, WatchedSeriesRow } from '#contract/drift.ts';
import { listAlertVerdicts } from '#store/state/alert-verdicts.ts';
import { type DetectorStateRow, readDetectorStates } from '#store/state/detector-states.ts';
import { listPaged } from '#store/state/incidents.ts';
import type { AlertsDeps } from './deps.ts';
import { alarmThreshold, mixtureEvidence } from './drift/detector.ts';
import { bucketMs, bucketsPerWeek, weekSlot } from './drift/season.ts';
import { readDriftSettings } from './drift-settings.ts';
import { displayed, unitOf } from './figures.ts';
import { powerOf } from './power-label.ts';
import { parseMemory, type SeriesMemory } from './series-memory.ts';
import { isWatched } from './watch-list.ts';
import { watchedMetric } from './watched-metric.ts';
import { metricLabel } from './words.ts';

export interface KnownSeries {
  row: DetectorStateRow;
  memory: SeriesMemory;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Where the budget of false alarms stands this week (Monday to Monday, UTC). */
export async function budgetOf(deps: AlertsDeps): Promise<z.output<(typeof driftBudget)['reply']>> {
  const { state, projectId, clock } = deps;
  const nowMs = clock.now();
  const fromMs = (Math.floor(nowMs / bucketMs) - weekSlot(nowMs)) * bucketMs;
  const [settings, known, pages, verdicts] = await Promise.all([
    readDriftSettings(state),
    readKnown(deps),
    listPaged(state, projectId, iso(fromMs)),
    listAlertVerdicts(state, projectId, iso(fromMs)),
  ]);
  const noise = new Set(verdicts.flatMap(({ alert_id, verdict }) => (verdict === 'noise' ? alert_id : [])));
  const judgedNoise = pages.filter(({ incident_id }) => noise.has(incident_id)).length;
  const watched = known.filter(({ memory }) => isWatched(memory, nowMs));
  const { series, threshold } = familyOf(known, settings, nowMs);
  const looks = known.reduce((total, one) => total + bucketsTaken(one, fromMs), 0);
  return {
    settings,
    series,
    learning: watched.filter(({ memory }) => memory.detector.baseline === null).length,
    threshold,
    from: iso(fromMs),
    to: iso(fromMs + bucketsPerWeek * bucketMs),
    expected_false_alarms: looks * Math.exp(-threshold),
    pages: pages.length,
    judged_noise: judgedNoise,
    left: Math.max(0, settings.false_alarms_per_week - judgedNoise),
  };
}

/** What is watched, and how soon a change of each would be seen. */
export async function driftSeries(
  deps: AlertsDeps,
  asked: z.output<(typeof listDriftSeries)['request']>,
): Promise<z.output<(typeof listDriftSeries)['reply']>> {
  const [settings, known] = await Promise.all([readDriftSettings(deps.state), readKnown(deps)]);
  const { threshold } = familyOf(known, settings, deps.clock.now());
  const matching = known.filter(
    ({ row }) =>
      (asked.feature ?? row.feature) === row.feature &&
      (asked.environment ?? row.environment) === row.environment &&
      (asked.metric === undefined || watchedMetric(row.metric)!.name === asked.metric),
  );
  const series = matching.slice(0, asked.limit).map(one => rowOf(one, threshold));
  return { series, truncated: matching.length > asked.limit };
}

/** The memories of everything watched. */
export async function readKnown({
  state,
  projectId,
}: Pick<AlertsDeps, 'state' | 'projectId'>): Promise<KnownSeries[]> {
  const rows = await readDetectorStates(state, projectId);
  return rows
    .filter(({ metric }) => watchedMetric(metric) !== null)
    .map(row => ({ row, memory: parseMemory(row.state) }));
}

/** K and the threshold of now. */
export function familyOf(
  known: readonly KnownSeries[],
  settings: { false_alarms_per_week: number; series_at_least: number },
  nowMs: number,
) {
  const series = known.filter(({ memory }) => isWatched(memory, nowMs)).length;
  const threshold = alarmThreshold({
    series: Math.max(settings.series_at_least, series),
    falseAlarmsPerWeek: settings.false_alarms_per_week,
  });
  return { series, threshold };
}

/** Buckets of this week that a series has been looked at in; empty ones count, so it is a bound. */
export function bucketsTaken({ memory }: KnownSeries, fromMs: number): number {
  const { baseline, lastStartMs } = memory.detector;
  if (baseline === null || lastStartMs === null) return 0;
  return Math.max(0, (lastStartMs + bucketMs - fromMs) / bucketMs);
}

function rowOf({ row, memory }: KnownSeries, threshold: number): WatchedSeriesRow {
  const metric = watchedMetric(row.metric, memory.scoreSize)!;
  const { baseline, learning, open, lastStartMs, detector } = memory.detector;
  const finding = { metric: metric.name, scoreSize: memory.scoreSize };
  const evidence = mixtureEvidence(detector);
  return {
    feature: row.feature,
    model: row.model,
    environment: row.environment,
    metric: metric.name,
    metric_label: metricLabel(metric.name),
    state: baseline === null ? 'learning' : open === null ? 'watching' : 'alerting',
    learning: learning && {
      reason: learning.learning,
      days: learning.days,
      values: learning.requests,
    },
    normal: baseline && displayed(finding)(baseline.mean),
    unit: unitOf(finding),
    evidence_share: evidence === null ? 0 : Math.min(1, Math.max(0, evidence / threshold)),
    evaluated_until: lastStartMs === null ? null : iso(lastStartMs + bucketMs),
    late_values: memory.lateValues,
    accepted_from: memory.acceptance ? iso(memory.acceptance.fromMs) : null,
    power: powerOf(memory, metric, threshold),
  };
}
