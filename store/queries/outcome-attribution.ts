import { outcomeWindowDays } from '#contract/outcome.ts';
import type { ClickHouse } from '../engine/client.ts';
import { spendKeys } from './spend-columns.ts';
import { LINE } from './spend-of-calls.ts';

/** What an attribution keeps of its call: what spend is grouped by. */
const dimensions = spendKeys.join(', ');

/** Clocks of two machines differ, and the answer that a thumb judges may end after it. */
const skew = 'INTERVAL 1 HOUR';
const window = `INTERVAL ${outcomeWindowDays} DAY`;
const twice = `INTERVAL ${2 * outcomeWindowDays} DAY`;

const limits = {
  readonly: '0',
  max_execution_time: 120,
  max_memory_usage: '1000000000',
  max_result_rows: '0',
};

export interface Stored {
  projectId: string;
  /** Microseconds since the epoch, decimal: what was stored since is looked at. */
  sinceStored: string;
}

/** Days of outcomes (UTC), both inclusive: `2026-11-20`. */
export interface Days {
  first: string;
  last: string;
}

/** When the newest call or outcome was stored; microseconds, decimal, '0' when there is none. */
export async function newestStored(clickhouse: ClickHouse, projectId: string): Promise<string> {
  const [row] = await clickhouse.query<{ at: string }>(
    `SELECT toString(greatest(
       (SELECT max(toUnixTimestamp64Micro(stored_at)) FROM calls WHERE project_id = {project:String}),
       (SELECT max(toUnixTimestamp64Micro(stored_at)) FROM outcomes WHERE project_id = {project:String}))) AS at`,
    { project: projectId },
  );
  return row?.at ?? '0';
}

/** Days (UTC) with outcomes that have to be joined again: stored since, or named by a call stored since. */
export async function daysToAttribute(
  clickhouse: ClickHouse,
  { projectId, sinceStored }: Stored,
): Promise<string[]> {
  const rows = await clickhouse.query<{ day: string }>(
    `WITH ${CHANGED}
     SELECT DISTINCT toString(toDate(time)) AS day FROM outcomes
     WHERE project_id = {project:String} AND (${AFFECTED}) ORDER BY day`,
    { project: projectId, since: sinceStored },
    { settings: limits },
  );
  return rows.map(row => row.day);
}

const CHANGED = `
  fromUnixTimestamp64Micro({since:Int64}, 'UTC') AS since,
  changed AS (SELECT start_time, trace_id, response_id, session, user FROM calls
    WHERE project_id = {project:String} AND stored_at >= since)`;

// A call that is deleted names its trace only. A call that began after a session's outcome did not lead to it: without this, the outcomes of everybody who is still
// there would be joined anew every minute.
const AFFECTED = `
  stored_at >= since
  OR (trace_id != '' AND trace_id IN (SELECT trace_id FROM changed))
  OR (response_id != '' AND response_id IN (SELECT response_id FROM changed))
  OR outcome_id IN (SELECT outcome_id FROM outcome_attributions
    WHERE project_id = {project:String} AND trace_id != '' AND trace_id IN (SELECT trace_id FROM changed))
  OR (time >= (SELECT min(start_time) FROM changed) - ${skew}
    AND ((session != '' AND session IN (SELECT session FROM changed))
      OR (user != '' AND user IN (SELECT user FROM changed))))`;

/**
 * Joins the affected outcomes of some days to their calls. The rule: the call of the response that is named; else the last
 * call of the trace; else the last call of the session, else of the user, that began within the 14 days before (and
 * the hour after, as clocks differ). Judges' calls lead to nothing. A feature that the outcome names excludes the calls of others.
 */
export async function attributeDays(clickhouse: ClickHouse, stored: Stored, days: Days): Promise<void> {
  await clickhouse.command(
    ATTRIBUTE,
    { project: stored.projectId, since: stored.sinceStored, ...days },
    { settings: { ...limits, async_insert: 0 } },
  );
}

const CALL = `(start_time, trace_id, span_id, ${dimensions})`;
const callsWith = (column: string) => `
  SELECT ${column}, start_time, feature AS of_feature, tuple${CALL} AS call
  FROM (SELECT *, ${LINE} AS line FROM calls FINAL
    WHERE project_id = {project:String} AND purpose != 'evaluation'
      AND start_time >= toDateTime64({first:Date}, 9, 'UTC') - ${window} - ${skew}
      AND start_time < toDateTime64({last:Date}, 9, 'UTC') + INTERVAL 1 DAY + ${window}
      AND ${column} != '' AND ${column} IN (SELECT ${column} FROM asked WHERE ${column} != ''))`;

/** Exact names: all calls of the trace or response. A call of the trace that began after the outcome counts less. */
const named = (column: string, rank: number) => `
  SELECT o.outcome_id AS outcome_id, ${rank} AS rank, toUInt8(c.start_time <= o.time + ${skew}) AS before, c.call AS call
  FROM asked AS o INNER JOIN (${callsWith(column)}) AS c ON o.${column} = c.${column}
  WHERE o.feature = '' OR o.feature = c.of_feature`;

/** The last call of a session or user up to the outcome, by ASOF, since there may be very many. */
const latest = (column: string, rank: number) => `
  SELECT o.outcome_id, ${rank}, 1, c.call
  FROM (SELECT outcome_id, ${column}, feature, time + ${skew} AS until FROM asked WHERE ${column} != '') AS o
  ASOF INNER JOIN (SELECT ${column}, arrayJoin(['', of_feature]) AS asked_feature, start_time, call FROM (${callsWith(column)})) AS c
    ON o.${column} = c.${column} AND o.feature = c.asked_feature AND o.until >= c.start_time
  WHERE c.start_time >= o.until - ${skew} - ${window}`;

const ATTRIBUTE = `
INSERT INTO outcome_attributions
  (project_id, time, outcome_id, name, value_nanos, joined_by, call_start, trace_id, span_id, session, ${dimensions}, version, is_deleted)
WITH ${CHANGED},
  asked AS (SELECT * FROM outcomes FINAL
    WHERE project_id = {project:String} AND toDate(time) BETWEEN {first:Date} AND {last:Date} AND (${AFFECTED})),
  best AS (SELECT outcome_id, max(rank) AS best_rank, argMax(call, (rank, before, call.1, call.3)) AS best_call
    FROM (${named('response_id', 4)} UNION ALL ${named('trace_id', 3)} UNION ALL ${latest('session', 2)} UNION ALL ${latest('user', 1)})
    GROUP BY outcome_id)
SELECT asked.project_id, asked.time, asked.outcome_id, asked.name, asked.value_nanos,
  ['', 'user', 'session', 'trace', 'response'][best.best_rank + 1],
  best.best_call.1, best.best_call.2, best.best_call.3, if(best.best_rank = 2, asked.session, ''),
  ${spendKeys.map((_, at) => `best.best_call.${at + 4}`).join(', ')},
  toUnixTimestamp64Micro(now64(6)), 0
FROM asked LEFT JOIN best ON asked.outcome_id = best.outcome_id`;

/**
 * 15-minute buckets (Unix seconds) whose calls are covered by the affected outcomes of some days, as they are joined at this
 * moment: asked before and after joining, both count.
 */
export async function bucketsCovered(clickhouse: ClickHouse, stored: Stored, days: Days): Promise<number[]> {
  const rows = await clickhouse.query<{ bucket: number }>(
    `WITH ${CHANGED},
       joined AS (SELECT trace_id, session FROM outcome_attributions FINAL
         WHERE project_id = {project:String} AND toDate(time) BETWEEN {first:Date} AND {last:Date} AND joined_by != '' AND outcome_id IN
           (SELECT outcome_id FROM outcomes WHERE project_id = {project:String} AND toDate(time) BETWEEN {first:Date} AND {last:Date} AND (${AFFECTED})))
     SELECT DISTINCT ${bucketOf} AS bucket FROM calls
     WHERE project_id = {project:String}
       AND start_time >= toDateTime64({first:Date}, 9, 'UTC') - ${twice}
       AND start_time < toDateTime64({last:Date}, 9, 'UTC') + ${twice}
       AND (trace_id IN (SELECT trace_id FROM joined)
         OR (session != '' AND session IN (SELECT session FROM joined WHERE session != '')))`,
    { project: stored.projectId, since: stored.sinceStored, ...days },
    { settings: limits },
  );
  return rows.map(row => row.bucket);
}

const bucketOf = "toUnixTimestamp(toStartOfInterval(start_time, INTERVAL 15 MINUTE, 'UTC'))";

/** Buckets (Unix seconds) with calls stored since, deleted ones included. */
export async function bucketsChanged(
  clickhouse: ClickHouse,
  { projectId, sinceStored }: Stored,
): Promise<number[]> {
  const rows = await clickhouse.query<{ bucket: number }>(
    `SELECT DISTINCT ${bucketOf} AS bucket FROM calls
     WHERE project_id = {project:String} AND stored_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')`,
    { project: projectId, since: sinceStored },
    { settings: limits },
  );
  return rows.map(row => row.bucket);
}

/** Counts the covered calls of these buckets (Unix seconds, ascending, close together) again. */
export async function countCovered(
  clickhouse: ClickHouse,
  projectId: string,
  buckets: number[],
): Promise<void> {
  if (buckets.length === 0) return;
  await clickhouse.command(
    COUNT_COVERED,
    { project: projectId, from: buckets[0], to: buckets.at(-1)! + 900, buckets },
    { settings: { ...limits, async_insert: 0 } },
  );
}

const columns = `bucket, name, ${dimensions}`;
const INSIDE = `project_id = {project:String}
  AND start_time >= fromUnixTimestamp({from:UInt32}) AND start_time < fromUnixTimestamp({to:UInt32})
  AND has({buckets:Array(UInt32)}, ${bucketOf})`;
/** Calls of the buckets with the names of the outcomes that one of their names was joined to. */
const covered = (column: string, which: string) => `
  SELECT toStartOfInterval(start_time, INTERVAL 15 MINUTE, 'UTC') AS bucket, n.name AS name, ${dimensions}, start_time, trace_id, span_id
  FROM (SELECT *, ${LINE} AS line FROM calls FINAL WHERE ${INSIDE}) AS c
  INNER JOIN (SELECT DISTINCT ${column} AS word, arrayJoin(['', a.name]) AS name FROM outcome_attributions AS a FINAL
    WHERE project_id = {project:String} AND ${which} AND ${column} != ''
      AND time >= fromUnixTimestamp({from:UInt32}) - ${twice} AND time < fromUnixTimestamp({to:UInt32}) + ${twice}) AS n
    ON c.${column} = n.word`;

const COUNT_COVERED = `
INSERT INTO outcome_coverage_15m (project_id, ${columns}, calls, version)
SELECT {project:String}, ${columns}, sum(here), toUnixTimestamp64Micro(now64(6))
FROM
(
  SELECT ${columns}, 1 AS here FROM (
    ${covered('trace_id', "joined_by != ''")} UNION DISTINCT ${covered('session', "joined_by = 'session'")})
  UNION ALL
  SELECT ${columns}, 0 FROM outcome_coverage_15m
  WHERE project_id = {project:String} AND has({buckets:Array(UInt32)}, toUnixTimestamp(bucket))
    AND bucket >= fromUnixTimestamp({from:UInt32}) AND bucket < fromUnixTimestamp({to:UInt32})
)
GROUP BY ${columns}`;
