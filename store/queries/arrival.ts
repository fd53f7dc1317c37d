import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { isoToStore } from './time.ts';

export interface Arrival {
  /** The engine's own clock, microseconds since the epoch, decimal. */
  engineNow: string;
  /** 99 % of the calls of the last hour were stored this long after they ended; null without such calls. */
  delayMs: number | null;
}

const ARRIVAL = `
SELECT toString(toUnixTimestamp64Micro(now64(6))) AS engineNow,
  countIf(live) > 0 ? quantileIf(0.99)(delay_ms, live) : NULL AS delayMs
FROM
(
  SELECT (toUnixTimestamp64Micro(stored_at) - toUnixTimestamp64Micro(start_time)) / 1e3 - duration_ns / 1e6 AS delay_ms,
    delay_ms >= 0 AND delay_ms < 3600000 AS live
  FROM calls
  WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
)`;

/** How long calls take to arrive, from those that started in the hour before `nowMs`; imported history does not count. */
export async function readArrival(
  clickhouse: ClickHouse,
  { projectId, nowMs }: { projectId: string; nowMs: number },
): Promise<Arrival> {
  const params = { project: projectId, from: isoToStore(nowMs - 3_600_000), to: isoToStore(nowMs) };
  const [row] = await clickhouse.query<Arrival>(ARRIVAL, params, { settings: alertLimits });
  return row!;
}

const SCORE_DELAYS = `
SELECT s.name AS name, quantile(0.95)(greatest(0, toUnixTimestamp64Milli(s.time) - toUnixTimestamp64Milli(c.started))) AS delayMs
FROM
(
  SELECT name, time, trace_id FROM scores
  WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)} AND trace_id != ''
) AS s
INNER JOIN
(
  SELECT trace_id, min(start_time) AS started FROM calls
  WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} AND trace_id != ''
  GROUP BY trace_id
) AS c ON s.trace_id = c.trace_id
GROUP BY name`;

/** Per score name, how long after the first call of their trace 95 % of the scores were given: a thumb takes its time. */
export async function readScoreDelays(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: { projectId: string; fromMs: number; toMs: number },
): Promise<Map<string, number>> {
  const rows = await clickhouse.query<{ name: string; delayMs: number }>(
    SCORE_DELAYS,
    { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs) },
    { settings: alertLimits },
  );
  return new Map(rows.map(({ name, delayMs }) => [name, delayMs]));
}

// By the index on stored_at this reads the newest parts only.
const IMPORTING = `
SELECT count() > 0 AS importing FROM calls
WHERE project_id = {project:String} AND start_time < {before:DateTime64(3)}
  AND stored_at >= now64(6) - toIntervalMillisecond({within:UInt32})`;

/** Whether a call that started before `beforeMs` has been stored within the last `withinMs`: history is being added. */
export async function isImporting(
  clickhouse: ClickHouse,
  { projectId, beforeMs, withinMs }: { projectId: string; beforeMs: number; withinMs: number },
): Promise<boolean> {
  const params = { project: projectId, before: isoToStore(beforeMs), within: withinMs };
  const [row] = await clickhouse.query<{ importing: number }>(IMPORTING, params, { settings: alertLimits });
  return row?.importing === 1;
}
