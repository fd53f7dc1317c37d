import type { ClickHouseSettings } from '@clickhouse/client';
import type { ClickHouse } from '../engine/client.ts';

export interface UsageDays {
  projectId: string;
  /** IANA zone whose days are counted. */
  zone: string;
}

const limits: ClickHouseSettings = {
  readonly: '0',
  max_execution_time: 120,
  max_memory_usage: '1000000000',
  max_result_rows: '0',
};

/**
 * Days of the zone whose calls or prices were stored since (microseconds, decimal), and how far that looked: give
 * `storedUpTo` back next time.
 */
export async function usageDaysChanged(
  clickhouse: ClickHouse,
  { projectId, zone }: UsageDays,
  sinceStored: string,
): Promise<{ days: string[]; storedUpTo: string }> {
  const params = { project: projectId, zone, since: sinceStored };
  const [newest] = await clickhouse.query<{ at: string }>(
    `SELECT toString(greatest(
       (SELECT max(toUnixTimestamp64Micro(stored_at)) FROM calls WHERE project_id = {project:String}),
       (SELECT max(toUnixTimestamp64Milli(posted_at)) * 1000 FROM call_repricings WHERE project_id = {project:String}))) AS at`,
    params,
  );
  const rows = await clickhouse.query<{ day: string }>(
    `WITH fromUnixTimestamp64Micro({since:Int64}, 'UTC') AS since
     SELECT DISTINCT toString(day) AS day FROM (
       SELECT toDate(start_time, {zone:String}) AS day FROM calls WHERE project_id = {project:String} AND stored_at >= since
       UNION ALL
       SELECT toDate(start_time, {zone:String}) FROM call_repricings WHERE project_id = {project:String} AND posted_at >= since)
     ORDER BY day`,
    params,
    { settings: limits },
  );
  return { days: rows.map(row => row.day), storedUpTo: newest?.at ?? '0' };
}

/** All days with calls, and those that are counted in another zone; oldest first. */
export async function usageDaysOfAll(
  clickhouse: ClickHouse,
  { projectId, zone }: UsageDays,
): Promise<string[]> {
  const rows = await clickhouse.query<{ day: string }>(
    `SELECT DISTINCT toString(day) AS day FROM (
       SELECT toDate(start_time, {zone:String}) AS day FROM calls WHERE project_id = {project:String}
       UNION ALL
       SELECT day FROM usage_by_user_1d WHERE project_id = {project:String} AND zone != {zone:String})
     ORDER BY day`,
    { project: projectId, zone },
    { settings: limits },
  );
  return rows.map(row => row.day);
}

/**
 * Counts some days again from their calls and swaps each in as a whole; other projects' rows of these days are kept. One
 * process at a time may do it. Days (`2026-11-20`) that lie close together are counted fastest.
 */
export async function replaceUsageDays(
  clickhouse: ClickHouse,
  { projectId, zone }: UsageDays,
  days: readonly string[],
): Promise<void> {
  if (days.length === 0) return;
  const settings: ClickHouseSettings = { ...limits, async_insert: 0, max_partitions_per_insert_block: '0' };
  const sorted = [...days].sort();
  // What a run that was killed had begun is not a day.
  await clickhouse.command('TRUNCATE TABLE usage_by_user_1d_next');
  await clickhouse.command(
    COUNT_DAYS,
    { project: projectId, zone, days, first: sorted[0], last: sorted.at(-1) },
    { settings },
  );
  for (const day of days) {
    await clickhouse.command(
      `ALTER TABLE usage_by_user_1d REPLACE PARTITION '${day.replaceAll(/[^\d-]/g, '')}' FROM usage_by_user_1d_next`,
    );
  }
  await clickhouse.command('TRUNCATE TABLE usage_by_user_1d_next');
}

const COLUMNS =
  'project_id, day, zone, feature, environment, tenant, user, calls, sessions, sessions_begun, cost_nanos, unpriced_calls';

// Local days last 23 to 25 hours and zones reach from -12 to +14: the range is wide, the day itself decides.
const AROUND = `start_time >= toDateTime64({first:Date}, 9, 'UTC') - INTERVAL 1 DAY
      AND start_time < toDateTime64({last:Date}, 9, 'UTC') + INTERVAL 2 DAY
      AND toDate(start_time, {zone:String}) IN {days:Array(Date)}`;

const COUNT_DAYS = `
INSERT INTO usage_by_user_1d_next (${COLUMNS})
WITH
  here AS (SELECT *, toDate(start_time, {zone:String}) AS day FROM calls FINAL
    WHERE project_id = {project:String} AND ${AROUND}),
  begun AS (SELECT day, session AS word,
      argMin((feature, environment, tenant, user), (start_time, trace_id, span_id)) AS place
    FROM here WHERE session != '' GROUP BY day, session),
  posted AS (SELECT trace_id, span_id, against_version, sum(cost_nanos) AS more_nanos, sum(unpriced_calls) AS more_unpriced
    FROM call_repricings FINAL WHERE project_id = {project:String} AND ${AROUND}
    GROUP BY trace_id, span_id, against_version)
SELECT {project:String}, here.day, {zone:String}, here.feature, here.environment, here.tenant, here.user,
  count(),
  uniqExactIf(here.session, here.session != ''),
  uniqExactIf(here.session, here.session != '' AND begun.place = (here.feature, here.environment, here.tenant, here.user)),
  sum(ifNull(here.cost_nanos, 0) + posted.more_nanos),
  sum((isNull(here.cost_nanos) AND ifNull(here.cost_high_nanos, 1) != 0) + posted.more_unpriced)
FROM here
LEFT JOIN begun ON here.day = begun.day AND here.session = begun.word
LEFT JOIN posted ON here.trace_id = posted.trace_id AND here.span_id = posted.span_id AND here.version = posted.against_version
GROUP BY here.day, here.feature, here.environment, here.tenant, here.user
UNION ALL
SELECT ${COLUMNS} FROM usage_by_user_1d WHERE day IN {days:Array(Date)} AND project_id != {project:String}`;
