import type { Condition } from '#contract/dimension.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { isoToStore } from './time.ts';
import { whereSql } from './where.ts';

/** What the receipts of one sender of spans or logs tell of its habits. Times are Unix milliseconds. */
export interface SourceHabits {
  service: string;
  sdk: string;
  sdk_version: string;
  scope_name: string;
  scope_version: string;
  dialect: string;
  lastSeenMs: number;
  /** Of the spans of the last minute that had any, mean, from their end to their receipt; null without spans. */
  lastDelayMs: number | null;
  /** 95 % of its minutes had no longer delay than this; null without live spans. */
  usualDelayMs: number | null;
  /** 95 % of the pauses between two minutes with data; null with fewer than two. */
  usualPauseMs: number | null;
  /** Minutes of receipt whose items are not all stored, newest first. */
  pending: { minuteMs: number; items: number }[];
}

/** Delays above this are history that is sent again, not a habit. */
const longestLiveMs = 3_600_000;
const source = 'service, sdk, sdk_version, scope_name, scope_version, dialect';

const HABITS = `
SELECT ${source},
  max(seen) AS lastSeenMs,
  countIf(spans > 0) > 0 ? argMaxIf(delay_sum / spans, seconds, spans > 0) : NULL AS lastDelayMs,
  countIf(spans > 0 AND delay_max < ${longestLiveMs}) > 0
    ? quantileIf(0.95)(delay_max, spans > 0 AND delay_max < ${longestLiveMs}) : NULL AS usualDelayMs,
  count() > 1
    ? 1000 * arrayReduce('quantile(0.95)', arrayPopFront(arrayDifference(arraySort(groupArray(toInt64(seconds)))))) : NULL AS usualPauseMs,
  arrayReverseSort(groupArrayIf((seconds, acked_items - stored_items), acked_items > stored_items)) AS pending
FROM
(
  SELECT ${source}, toUnixTimestamp(minute) AS seconds, toUnixTimestamp64Milli(max(last_seen)) AS seen,
    toInt64(sum(acked)) AS acked_items, toInt64(sum(stored)) AS stored_items, sumIf(acked, signal = 'traces') AS spans,
    greatest(0, sumIf(delay_ms_sum, signal = 'traces')) AS delay_sum, maxIf(delay_ms_max, signal = 'traces') AS delay_max
  FROM ingest_sources FINAL
  WHERE project_id = {project:String} AND minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)}
    AND signal IN ('traces', 'logs')
  GROUP BY ${source}, minute
  HAVING acked_items > 0
)
GROUP BY ${source}
ORDER BY ${source}
LIMIT 1000`;

/** Senders of spans and logs with data in [fromMs, toMs). */
export async function readSourceHabits(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: { projectId: string; fromMs: number; toMs: number },
): Promise<SourceHabits[]> {
  type Row = Omit<SourceHabits, 'lastSeenMs' | 'pending'> & {
    lastSeenMs: string;
    pending: [number, string][];
  };
  const rows = await clickhouse.query<Row>(
    HABITS,
    { project: projectId, from: isoToStore(Math.floor(fromMs / 60_000) * 60_000), to: isoToStore(toMs) },
    { settings: { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const } },
  );
  return rows.map(({ lastSeenMs, pending, ...row }) => ({
    ...row,
    lastSeenMs: Number(lastSeenMs),
    pending: pending.map(([seconds, items]) => ({ minuteMs: seconds * 1000, items: Number(items) })),
  }));
}

/** Services with calls that fit, of those that started in [fromMs, toMs). */
export async function servicesOf(
  clickhouse: ClickHouse,
  {
    projectId,
    fromMs,
    toMs,
    where,
  }: { projectId: string; fromMs: number; toMs: number; where: readonly Condition[] },
): Promise<Set<string>> {
  const chosen = whereSql(where);
  const rows = await clickhouse.query<{ service: string }>(
    `SELECT DISTINCT service FROM calls
     WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} ${chosen.sql}`,
    { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs), ...chosen.params },
    { settings: dashboardLimits },
  );
  return new Set(rows.map(({ service }) => service));
}
