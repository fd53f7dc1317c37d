import type { ClickHouse } from '../engine/client.ts';

export interface UsageDays {
  projectId: string;
  /** IANA zone whose days are counted. */
  zone: string;
}

const limits = {
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

/** Counts one day again from its calls and swaps it in as a whole; other projects' rows of that day are kept. */
export async function replaceUsageDay(
  clickhouse: ClickHouse,
  { projectId, zone }: UsageDays,
  day: string,
): Promise<void> {
  const settings = { ...limits, async_insert: 0 as const };
  const partition = `'${day.replaceAll(/[^\d-]/g, '')}'`;
  await clickhouse.command(`ALTER TABLE usage_by_user_1d_next DROP PARTITION ${partition}`);
  await clickhouse.command(COUNT_DAY, { project: projectId, zone, day }, { settings });
  await clickhouse.command(
    `INSERT INTO usage_by_user_1d_next SELECT * FROM usage_by_user_1d WHERE day = {day:Date} AND project_id != {project:String}`,
    { project: projectId, day },
    { settings },
  );
  await clickhouse.command(
    `ALTER TABLE usage_by_user_1d REPLACE PARTITION ${partition} FROM usage_by_user_1d_next`,
  );
  await clickhouse.command(`ALTER TABLE usage_by_user_1d_next DROP PARTITION ${partition}`);
}

// Local days last 23 to 25 hours and zones reach from -12 to +14: the range is wide, the day itself decides.
const COUNT_DAY = `
INSERT INTO usage_by_user_1d_next
  (project_id, day, zone, feature, environment, tenant, user, calls, sessions, sessions_begun, cost_nanos, unpriced_calls)
WITH
  here AS (SELECT * FROM calls FINAL
    WHERE project_id = {project:String}
      AND start_time >= toDateTime64({day:Date}, 9, 'UTC') - INTERVAL 1 DAY
      AND start_time < toDateTime64({day:Date}, 9, 'UTC') + INTERVAL 2 DAY
      AND toDate(start_time, {zone:String}) = {day:Date}),
  begun AS (SELECT session AS word, argMin((feature, environment, tenant, user), (start_time, trace_id, span_id)) AS place
    FROM here WHERE session != '' GROUP BY session),
  posted AS (SELECT trace_id, span_id, against_version, sum(cost_nanos) AS more_nanos, sum(unpriced_calls) AS more_unpriced
    FROM call_repricings FINAL
    WHERE project_id = {project:String}
      AND start_time >= toDateTime64({day:Date}, 9, 'UTC') - INTERVAL 1 DAY
      AND start_time < toDateTime64({day:Date}, 9, 'UTC') + INTERVAL 2 DAY
    GROUP BY trace_id, span_id, against_version)
SELECT {project:String}, {day:Date}, {zone:String}, here.feature, here.environment, here.tenant, here.user,
  count(),
  uniqExactIf(here.session, here.session != ''),
  uniqExactIf(here.session, here.session != '' AND begun.place = (here.feature, here.environment, here.tenant, here.user)),
  sum(ifNull(here.cost_nanos, 0) + posted.more_nanos),
  sum((isNull(here.cost_nanos) AND ifNull(here.cost_high_nanos, 1) != 0) + posted.more_unpriced)
FROM here
LEFT JOIN begun ON here.session = begun.word
LEFT JOIN posted ON here.trace_id = posted.trace_id AND here.span_id = posted.span_id AND here.version = posted.against_version
GROUP BY here.feature, here.environment, here.tenant, here.user`;
