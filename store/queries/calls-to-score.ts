import type { Dimension } from '#contract/dimension.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { nanosFromClickhouse } from '../rows.ts';
import { isoToStore } from './time.ts';
import { dimensionColumn } from './where.ts';

/** A call as sampling and rules without texts see it. */
export interface CallToScore {
  traceId: string;
  spanId: string;
  /** As the store writes it. */
  startTime: string;
  startMs: number;
  feature: string;
  model: string;
  finishReason: string;
  /** Paths of the spans it was made of, `trace/span`: their texts are its own. */
  mergedFrom: string[];
  /** By dimension, those that were asked for. */
  dimensions: Record<string, string>;
}

/** What an answer can be expected of: not of embeddings and reranks, nor of failures, and judges are not judged. */
export const answered =
  "failed = 0 AND purpose = '' AND operation IN ('chat', 'text_completion', 'generate_content')";

const columns = (
  by: readonly Dimension[],
) => `trace_id, span_id, toString(start_time) AS start, feature, model,
  finish_reason, merged_from ${by.map((dimension, at) => `, ${dimensionColumn(dimension)} AS d${at}`).join('')}`;

interface Row {
  trace_id: string;
  span_id: string;
  start: string;
  feature: string;
  model: string;
  finish_reason: string;
  merged_from: string[];
  [dimension: `d${number}`]: string;
}

function toCall(row: Row, by: readonly Dimension[]): CallToScore {
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    startTime: row.start,
    startMs: Number(nanosFromClickhouse(row.start) / 1_000_000n),
    feature: row.feature,
    model: row.model,
    finishReason: row.finish_reason,
    mergedFrom: row.merged_from,
    dimensions: Object.fromEntries(by.map((dimension, at) => [dimension, row[`d${at}`] ?? ''])),
  };
}

/** The engine's clock, microseconds since the epoch, decimal: what `stored_at` is set by. */
export async function engineClock(clickhouse: ClickHouse): Promise<string> {
  const [row] = await clickhouse.query<{ now: string }>(
    'SELECT toString(toUnixTimestamp64Micro(now64(6))) AS now',
  );
  return row!.now;
}

/**
 * The end of the next batch: at most about `limit` calls stored after `after` and up to `until`, microseconds. Calls stored in one go
 * stay together.
 */
export async function batchEnd(
  clickhouse: ClickHouse,
  { projectId, after, until, limit }: { projectId: string; after: string; until: string; limit: number },
): Promise<string> {
  const [row] = await clickhouse.query<{ end: string; n: string }>(
    `SELECT toString(max(at)) AS end, count() AS n FROM
     (
       SELECT toUnixTimestamp64Micro(stored_at) AS at FROM calls
       WHERE project_id = {project:String} AND ${stored} ORDER BY stored_at LIMIT {limit:UInt32}
     )`,
    { project: projectId, after, until, limit },
    { settings: alertLimits },
  );
  return row && Number(row.n) >= limit ? row.end : until;
}

const stored = `stored_at > fromUnixTimestamp64Micro({after:Int64}, 'UTC')
  AND stored_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')`;

/** Answered calls that were stored in (after, until], as they are now, and started since `sinceMs`. */
export async function callsToScore(
  clickhouse: ClickHouse,
  {
    projectId,
    after,
    until,
    sinceMs,
    by,
  }: { projectId: string; after: string; until: string; sinceMs: number; by: readonly Dimension[] },
): Promise<CallToScore[]> {
  const place = '(toStartOfHour(start_time), trace_id, span_id)';
  const rows = await clickhouse.query<Row>(
    `SELECT ${columns(by)} FROM calls FINAL
     WHERE project_id = {project:String} AND ${answered} AND start_time >= {since:DateTime64(3)}
       AND ${place} IN (SELECT ${place} FROM calls WHERE project_id = {project:String} AND ${stored})
     ORDER BY start_time, trace_id, span_id`,
    { project: projectId, after, until, since: isoToStore(sinceMs) },
    { settings: alertLimits },
  );
  return rows.map(row => toCall(row, by));
}

/** The newest answered calls, or those of a trace or span; for trying an evaluator. */
export async function newestCalls(
  clickhouse: ClickHouse,
  {
    projectId,
    sinceMs,
    feature,
    traceId,
    spanId,
    limit,
  }: {
    projectId: string;
    sinceMs: number;
    feature?: string | undefined;
    traceId?: string | undefined;
    spanId?: string | undefined;
    limit: number;
  },
): Promise<CallToScore[]> {
  const asked = [
    feature === undefined ? '' : 'AND feature = {feature:String}',
    traceId === undefined ? 'AND start_time >= {since:DateTime64(3)}' : 'AND trace_id = {trace:String}',
    spanId === undefined ? '' : 'AND span_id = {span:String}',
  ];
  const rows = await clickhouse.query<Row>(
    `SELECT ${columns([])} FROM calls FINAL WHERE project_id = {project:String} AND ${answered} ${asked.join(' ')}
     ORDER BY start_time DESC LIMIT {limit:UInt32}`,
    {
      project: projectId,
      since: isoToStore(sinceMs),
      limit,
      feature: feature ?? '',
      trace: traceId?.toLowerCase() ?? '',
      span: spanId?.toLowerCase() ?? '',
    },
  );
  return rows.map(row => toCall(row, []));
}

/**
 * Answered calls an hour by the values of `by` (JSON list), over the day before `hourMs` or as much of it as there is; what a sample of that
 * hour may expect. Versions of a call that are not merged yet count too: an expectation may be a little off.
 */
export async function callsPerHour(
  clickhouse: ClickHouse,
  { projectId, by, hourMs }: { projectId: string; by: readonly Dimension[]; hourMs: number },
): Promise<Record<string, number>> {
  const rows = await clickhouse.query<{ stratum: string; n: string; hours: number }>(
    `WITH {to:DateTime64(3)} AS hour,
       (SELECT min(start_time) FROM calls WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)}) AS first
     SELECT toJSONString([${by.map(dimension => `toString(${dimensionColumn(dimension)})`).join(', ')}]) AS stratum,
       count() AS n, greatest(1, least(24, dateDiff('second', first, hour) / 3600)) AS hours
     FROM calls
     WHERE project_id = {project:String} AND ${answered} AND is_deleted = 0
       AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
     GROUP BY stratum ORDER BY n DESC LIMIT 20000`,
    { project: projectId, from: isoToStore(hourMs - 86_400_000), to: isoToStore(hourMs) },
    { settings: alertLimits },
  );
  return Object.fromEntries(rows.map(row => [row.stratum, Number(row.n) / row.hours]));
}
