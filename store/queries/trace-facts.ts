import type { ClickHouse } from '../engine/client.ts';

/** Reads of the collector, made after it has inserted what it knows; they see every other collector's rows too. */
const limits = {
  max_execution_time: 60,
  max_memory_usage: '1000000000',
  max_result_rows: '0',
  // A cluster must not answer from a replica that has not yet seen our own insert.
  select_sequential_consistency: '1',
} as const;

/** Where to look: traces of one project whose spans begin within [fromNs, toNs]. */
export interface TraceRange {
  projectId: string;
  traceIds: readonly string[];
  fromNs: bigint;
  toNs: bigint;
}

/** What the ledger needs of a stored span; a span may come in several versions. */
export interface StoredSpan {
  trace_id: string;
  span_id: string;
  parent_span_id: string;
  name: string;
  start_ns: string;
  duration_ns: string;
  service: string;
  environment: string;
  release: string;
  scope_name: string;
  scope_version: string;
  kind: string;
  status: 'unset' | 'ok' | 'error';
  status_message: string;
  attributes: Record<string, string>;
  resource: Record<string, string>;
  /** JSON array of `{time, name, attributes}`. */
  events: string;
  /** Empty when they can be read again from the other columns. */
  facts: string;
  version: string;
}

export interface StoredLog {
  log_id: string;
  trace_id: string;
  facts: string;
  version: string;
}

const spanColumns = `trace_id, span_id, parent_span_id, name, toString(toUnixTimestamp64Nano(start_time)) AS start_ns,
  duration_ns, service, environment, release, scope_name, scope_version, kind, status, status_message, attributes, resource,
  events, facts, version`;

// No FINAL: the caller keeps the highest version of each span, and reading a few versions too many is cheaper.
const inRange = (time: string) => `project_id = {project:String}
  AND ${time} >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND ${time} <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')`;

function rangeParams({ projectId, fromNs, toNs }: { projectId: string; fromNs: bigint; toNs: bigint }) {
  return { project: projectId, from: fromNs.toString(), to: toNs.toString() };
}

/** Microseconds by the store's own clock, the only one that several collectors share. */
export async function storeClock(clickhouse: ClickHouse): Promise<bigint> {
  const [row] = await clickhouse.query<{ now: string }>(
    'SELECT toString(toUnixTimestamp64Micro(now64(6))) AS now',
  );
  return BigInt(row!.now);
}

/** Every stored span of the traces. */
export function spansOfTraces(clickhouse: ClickHouse, range: TraceRange): Promise<StoredSpan[]> {
  return clickhouse.query<StoredSpan>(
    `SELECT ${spanColumns} FROM spans WHERE ${inRange('start_time')} AND trace_id IN {traces:Array(String)}`,
    { ...rangeParams(range), traces: range.traceIds },
    { settings: limits },
  );
}

/** Every stored log record of the traces that says something about a call. */
export function logsOfTraces(clickhouse: ClickHouse, range: TraceRange): Promise<StoredLog[]> {
  return clickhouse.query<StoredLog>(
    `SELECT log_id, trace_id, facts, version FROM logs
     WHERE ${inRange('time')} AND trace_id IN {traces:Array(String)} AND facts != ''`,
    { ...rangeParams(range), traces: range.traceIds },
    { settings: limits },
  );
}

/**
 * Model calls of other traces that may tell of a call a second time: of the given services, as far as these use more
 * than one instrumentation at all.
 */
export function callsNearby(
  clickhouse: ClickHouse,
  range: { projectId: string; services: readonly string[]; fromNs: bigint; toNs: bigint },
): Promise<StoredSpan[]> {
  const calls = `${inRange('start_time')} AND service IN {services:Array(String)}
    AND role IN ('model_call', 'embedding', 'rerank')`;
  return clickhouse.query<StoredSpan>(
    `SELECT ${spanColumns} FROM spans WHERE ${calls}
       AND service IN (SELECT service FROM spans WHERE ${calls} GROUP BY service HAVING uniqExact(scope_name) > 1)`,
    { ...rangeParams(range), services: range.services },
    { settings: limits },
  );
}

/** Log records outside any trace that tell of an answer by its id. */
export function looseLogsOfAnswers(
  clickhouse: ClickHouse,
  range: { projectId: string; responseIds: readonly string[]; fromNs: bigint; toNs: bigint },
): Promise<StoredLog[]> {
  return clickhouse.query<StoredLog>(
    `SELECT log_id, trace_id, facts, version FROM logs
     WHERE ${inRange('time')} AND trace_id = '' AND facts != ''
       AND JSONExtractString(facts, 'inference', 'responseId') IN {answers:Array(String)}`,
    { ...rangeParams(range), answers: range.responseIds },
    { settings: limits },
  );
}

/** Model calls of any trace that gave one of these answers. */
export function callsOfAnswers(
  clickhouse: ClickHouse,
  range: { projectId: string; responseIds: readonly string[]; fromNs: bigint; toNs: bigint },
): Promise<StoredSpan[]> {
  return clickhouse.query<StoredSpan>(
    `SELECT ${spanColumns} FROM spans
     WHERE ${inRange('start_time')} AND role IN ('model_call', 'embedding', 'rerank')
       AND (trace_id, span_id) IN (
         SELECT trace_id, span_id FROM calls WHERE ${inRange('start_time')} AND response_id IN {answers:Array(String)})`,
    { ...rangeParams(range), answers: range.responseIds },
    { settings: limits },
  );
}
