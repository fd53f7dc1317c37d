import { alertLimits, type ClickHouse } from '../engine/client.ts';

/** A cohort's gap to all others in one measure; `feature` is empty where all features count together. */
interface GapName {
  feature: string;
  cohort_by: string;
  cohort: string;
  measure: string;
}

export interface GapDay {
  /** Start of the UTC day, Unix milliseconds. */
  dayMs: number;
  /** Independent values that tell as much as the gap does. */
  n: number;
  gap: number;
  variance: number;
  calls: number;
}

/** One day of a gap, to be stored; n = 0 takes it away. */
export interface GapRow extends GapName {
  project_id: string;
  /** Seconds since the epoch. */
  bucket: number;
  n: number;
  gap: number;
  variance: number;
  calls: number;
  version: string;
}

/** Start of the oldest call that is stored, Unix milliseconds; null without any. */
export async function firstCallMs(clickhouse: ClickHouse, projectId: string): Promise<number | null> {
  const [row] = await clickhouse.query<{ first: number; n: 0 | 1 }>(
    `SELECT toUnixTimestamp(min(start_time)) AS first, toUInt8(count() > 0) AS n FROM calls WHERE project_id = {project:String}`,
    { project: projectId },
    { settings: alertLimits },
  );
  return row?.n ? row.first * 1000 : null;
}

/** Gaps by the day in [fromMs, toMs), in time order. */
export async function readGaps(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: { projectId: string; fromMs: number; toMs: number },
): Promise<(GapName & { days: GapDay[] })[]> {
  const rows = await clickhouse.query<GapName & { days: [number, number, number, number, string][] }>(
    `SELECT feature, cohort_by, cohort, measure,
       arraySort(groupArray((toUnixTimestamp(bucket), n, gap, variance, calls))) AS days
     FROM cohort_gaps_1d FINAL
     WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime} AND n > 0
     GROUP BY feature, cohort_by, cohort, measure ORDER BY feature, cohort_by, cohort, measure`,
    { project: projectId, from: Math.floor(fromMs / 1000), to: Math.floor(toMs / 1000) },
    { settings: alertLimits },
  );
  return rows.map(({ days, ...name }) => ({
    ...name,
    days: days.map(([seconds, n, gap, variance, calls]) => ({
      dayMs: seconds * 1000,
      ...{ n, gap, variance, calls: Number(calls) },
    })),
  }));
}

/** Writes a day's gaps of one kind of cohorts whole: those that are stored and not among `rows` are taken away. */
export async function replaceGaps(
  clickhouse: ClickHouse,
  day: { projectId: string; feature: string; cohortBy: string; dayMs: number; version: string },
  rows: readonly Omit<GapRow, 'project_id' | 'feature' | 'cohort_by' | 'bucket' | 'version'>[],
): Promise<void> {
  const place = {
    project_id: day.projectId,
    feature: day.feature,
    cohort_by: day.cohortBy,
    bucket: day.dayMs / 1000,
    version: day.version,
  };
  const before = await clickhouse.query<{ cohort: string; measure: string }>(
    `SELECT cohort, measure FROM cohort_gaps_1d FINAL
     WHERE project_id = {project_id:String} AND feature = {feature:String} AND cohort_by = {cohort_by:String}
       AND bucket = {bucket:DateTime} AND n > 0`,
    place,
  );
  const made = new Set(rows.map(({ cohort, measure }) => JSON.stringify([cohort, measure])));
  const gone = before.filter(({ cohort, measure }) => !made.has(JSON.stringify([cohort, measure])));
  await clickhouse.insert('cohort_gaps_1d', [
    ...rows.map(row => ({ ...place, ...row })),
    ...gone.map(name => ({ ...place, ...name, n: 0, gap: 0, variance: 0, calls: 0 })),
  ]);
}
