import type { z } from 'zod';
import type { listQuietDrift, QuietDriftList, QuietSeries } from '#contract/quiet-drift.ts';
import { listQuietFindings, type QuietSeriesRow, readQuietSeries } from '#store/state/quiet-series.ts';
import type { AlertsDeps } from '../deps.ts';
import { alarmThreshold, mixtureEvidence } from '../drift/detector.ts';
import { dayMs } from '../drift/season.ts';
import { readDriftSettings } from '../drift-settings.ts';
import { parseQuietMemory, type QuietPoint } from './evaluate.ts';
import { quietMetric } from './quiet-metric.ts';
import { readQuietFinding } from './quiet-rows.ts';

const closedDays = 28;

/** Quiet series with their last four weeks, those that drift first, and what was found. */
export async function quietDriftOf(
  { state, projectId, clock }: AlertsDeps,
  { kind, feature, environment, limit }: z.output<(typeof listQuietDrift)['request']>,
): Promise<QuietDriftList> {
  const closedFrom = new Date(clock.now() - closedDays * dayMs).toISOString();
  const [rows, found, settings] = await Promise.all([
    readQuietSeries(state, { projectId, kind }),
    listQuietFindings(state, { projectId, kind, closedFrom }),
    readDriftSettings(state),
  ]);
  const isAsked = (row: { feature: string; environment: string }) =>
    (feature ?? row.feature) === row.feature && (environment ?? row.environment) === row.environment;
  const byKind = new Map<string, number>();
  for (const row of rows) byKind.set(row.kind, (byKind.get(row.kind) ?? 0) + 1);
  const series = rows
    .filter(isAsked)
    .flatMap(row => seriesOf(row, { ...settings, series: byKind.get(row.kind)! }) ?? [])
    .sort((one, other) => Number(other.state === 'drifting') - Number(one.state === 'drifting'));
  return {
    series: series.slice(0, limit),
    findings: found.filter(isAsked).flatMap(row => readQuietFinding(row) ?? []),
    truncated: series.length > limit,
  };
}

function seriesOf(
  row: QuietSeriesRow,
  { series, false_alarms_per_week }: { series: number; false_alarms_per_week: number },
): QuietSeries | null {
  const metric = quietMetric(row.metric);
  if (!metric) return null;
  const { detector, finding } = parseQuietMemory(row.state);
  const { bucketsPerWeek } = metric;
  const threshold = alarmThreshold({ series, bucketsPerWeek, falseAlarmsPerWeek: false_alarms_per_week });
  const evidence = mixtureEvidence(detector.detector);
  return {
    kind: metric.kind,
    feature: row.feature,
    environment: row.environment,
    metric: row.metric,
    metric_label: metric.label,
    cohort_by: row.cohort_by,
    cohort: row.cohort,
    state: finding ? 'drifting' : detector.baseline ? 'watching' : 'learning',
    learning_days: detector.baseline ? null : (detector.learning?.days ?? 0),
    evaluated_until: row.evaluated_until || null,
    evidence_share: evidence === null ? 0 : Math.min(1, Math.max(0, evidence / threshold)),
    finding_id: finding?.id ?? null,
    points: (JSON.parse(row.points) as QuietPoint[]).map(([dayStart, value, n]) => ({
      at: new Date(dayStart).toISOString(),
      value,
      n: Math.round(n),
    })),
  };
}
