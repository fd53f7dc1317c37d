import type { ClickHouse } from '../engine/client.ts';
import { type Hour, rollUpSettings as settings } from '../spend-roll-up.ts';

/** Something was stored for an hour; `mark` tells one insert from another. */
export interface StoredHour {
  hour: Hour;
  mark: string;
}

/** Above this many, one cannot tell what of it is new. */
const mostMarks = 50_000;

/** Days this old are not computed again: the engine begins to drop their calls after 400 days, and the ledger must outlive them. */
export const keptDays = 399;

/** The engine's clock, which stamps what is stored: microseconds since the epoch, decimal. */
export async function engineClock(clickhouse: ClickHouse): Promise<string> {
  const [row] = await clickhouse.query<{ now: string }>(
    'SELECT toString(toUnixTimestamp64Micro(now64(6))) AS now',
  );
  return row?.now ?? '0';
}

const SOURCES = [
  ['calls', 'start_time'],
  ['call_repricings', 'start_time'],
  ['spend_adjustments', 'bucket'],
] as const;

const hourOf = (column: string) => `intDiv(toUnixTimestamp(${column}), 3600)`;
const each = (sql: (table: string, time: string) => string) =>
  SOURCES.map(([table, time]) => sql(table, time)).join(' UNION ALL ');
const IS_KEPT = (time: string) => `${time} >= now() - toIntervalDay(${keptDays})`;

/**
 * Hours for which something was stored at or after `since` (microseconds of the engine's clock), with a mark of each insert; null
 * when there are too many to tell them apart.
 */
export async function storedSince(
  clickhouse: ClickHouse,
  { projectId, since }: { projectId: string; since: string },
): Promise<StoredHour[] | null> {
  const rows = await clickhouse.query<{ hour: number; at: string; n: string; source: string }>(
    `SELECT * FROM (${each(
      (
        table,
        time,
      ) => `SELECT '${table}' AS source, ${hourOf(time)} AS hour, toUnixTimestamp64Micro(stored_at) AS at, count() AS n
       FROM ${table}
       WHERE project_id = {project:String} AND stored_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') AND ${IS_KEPT(time)}
       GROUP BY ALL`,
    )}) LIMIT ${mostMarks + 1}`,
    { project: projectId, since },
    { settings },
  );
  if (rows.length > mostMarks) return null;
  return rows.map(({ hour, at, n, source }) => ({ hour, mark: `${source} ${hour} ${at} ${n}` }));
}

/** Every hour for which something was stored at or after `since`. */
export async function hoursSince(
  clickhouse: ClickHouse,
  { projectId, since }: { projectId: string; since: string },
): Promise<Hour[]> {
  const rows = await clickhouse.query<{ hour: number }>(
    `SELECT DISTINCT hour FROM (${each(
      (table, time) => `SELECT ${hourOf(time)} AS hour FROM ${table}
       WHERE project_id = {project:String} AND stored_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') AND ${IS_KEPT(time)}
       GROUP BY hour`,
    )})`,
    { project: projectId, since },
    { settings },
  );
  return rows.map(({ hour }) => hour);
}

/** How many rows of `calls` lie in each of some hours, superseded ones included. */
export async function rowsOfHours(
  clickhouse: ClickHouse,
  { projectId, hours }: { projectId: string; hours: readonly Hour[] },
): Promise<Map<Hour, number>> {
  const [from, to] = [Math.min(...hours) * 3600, (Math.max(...hours) + 1) * 3600];
  const rows = await clickhouse.query<{ hour: number; n: string }>(
    `SELECT ${hourOf('start_time')} AS hour, count() AS n FROM calls
     WHERE project_id = {project:String} AND start_time >= toDateTime({from:UInt32}, 'UTC') AND start_time < toDateTime({to:UInt32}, 'UTC')
     GROUP BY hour`,
    { project: projectId, from, to },
    { settings },
  );
  return new Map(rows.map(({ hour, n }) => [hour, Number(n)]));
}

/**
 * Hours of [fromHour, toHour) whose spend is not what their calls and repricings give now: the daily comparison. Cheap numbers
 * that no mistake leaves alone: how many calls and attempts, and their cost.
 */
export async function differingHours(
  clickhouse: ClickHouse,
  { projectId, fromHour, toHour }: { projectId: string; fromHour: Hour; toHour: Hour },
): Promise<{ hour: Hour; calls: string; cost_nanos: string }[]> {
  return clickhouse.query(
    DIFFERING,
    { project: projectId, from: fromHour * 3600, to: toHour * 3600 },
    { settings },
  );
}

const between = (time: string) =>
  `project_id = {project:String} AND ${time} >= toDateTime({from:UInt32}, 'UTC') AND ${time} < toDateTime({to:UInt32}, 'UTC')`;

const DIFFERING = `
SELECT hour, sum(n) AS calls, sum(nanos) AS cost_nanos
FROM (
  SELECT ${hourOf('start_time')} AS hour, toInt64(count()) AS n, sum(toInt64(attempts)) AS tries, sum(ifNull(cost_nanos, 0)) AS nanos
  FROM calls FINAL WHERE ${between('start_time')} GROUP BY hour
  UNION ALL
  SELECT ${hourOf('start_time')}, 0, 0, sum(r.cost_nanos)
  FROM (SELECT start_time, trace_id, span_id, version FROM calls FINAL WHERE ${between('start_time')}) AS c
  INNER JOIN (SELECT trace_id, span_id, against_version, cost_nanos FROM call_repricings FINAL WHERE ${between('start_time')}) AS r
    ON c.trace_id = r.trace_id AND c.span_id = r.span_id AND c.version = r.against_version
  GROUP BY 1
  UNION ALL
  SELECT ${hourOf('bucket')}, -sum(calls), -sum(attempts), -sum(cost_nanos)
  FROM spend_15m WHERE entry IN ('call', 'repricing') AND ${between('bucket')} GROUP BY 1
)
GROUP BY hour
HAVING calls != 0 OR sum(tries) != 0 OR cost_nanos != 0
ORDER BY hour`;
