import type { Condition } from '#contract/dimension.ts';
import type { TraceSummary } from '#contract/trace.ts';
import type { ClickHouse } from '../engine/client.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { UNPRICED } from './unpriced.ts';
import { usdFromNanos } from './usd.ts';
import { whereSql } from './where.ts';

export interface TraceSearch {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  where: readonly Condition[];
  /** A trace id, part of a span name, or `key=value` of a span attribute; empty for all. */
  q: string;
  status: 'any' | 'error' | 'ok';
  sort: 'newest' | 'slowest' | 'costliest' | 'worst_score';
  /** Score name of sort=worst_score. */
  score: string;
  limit: number;
  /** ISO time; only traces that started before it. */
  before?: string | undefined;
}

/** Traces with at least one model call, and whether there are more than `limit`. */
export async function searchTraces(
  clickhouse: ClickHouse,
  search: TraceSearch,
): Promise<{ traces: TraceSummary[]; more: boolean }> {
  const where = whereSql(search.where);
  const text = textCondition(search.q);
  const params = {
    ...where.params,
    ...text.params,
    project: search.projectId,
    from: isoToStore(search.fromMs),
    to: isoToStore(search.before ? Math.min(search.toMs, Date.parse(search.before)) : search.toMs),
    score: search.score,
    limit: search.limit + 1,
  };
  const found = await clickhouse.query<{ trace_id: string }>(findSql(search, where.sql, text.sql), params);
  const ids = found.slice(0, search.limit).map(row => row.trace_id);
  const traces = await summarize(clickhouse, { projectId: search.projectId, traceIds: ids });
  const order = new Map(ids.map((id, at) => [id, at]));
  traces.sort((one, other) => order.get(one.trace_id)! - order.get(other.trace_id)!);
  return { traces, more: found.length > search.limit };
}

const ORDER = {
  newest: 'min(start_time) DESC',
  slowest: 'max(duration_ns) DESC',
  costliest: 'sum(cost_nanos) DESC NULLS LAST',
  worst_score: 'worst ASC NULLS LAST, min(start_time) DESC',
};
const HAVING = { any: '', error: 'HAVING max(failed) = 1', ok: 'HAVING max(failed) = 0' };

function findSql({ sort, status }: TraceSearch, where: string, text: string): string {
  const scored = sort === 'worst_score';
  return `
SELECT trace_id ${scored ? ', min(worst_score) AS worst' : ''}
FROM calls FINAL
${scored ? `INNER JOIN (${WORST}) AS judged USING (trace_id)` : ''}
WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
  ${where} ${text}
GROUP BY trace_id ${HAVING[status]}
ORDER BY ${ORDER[sort]}, trace_id
LIMIT {limit:UInt32}`;
}

// A score that names a response only is found through the call that gave it.
const WORST = `
  SELECT trace_id, min(value) AS worst_score FROM
  (
    SELECT if(s.trace_id != '', s.trace_id, c.trace_id) AS trace_id, assumeNotNull(s.value) AS value
    FROM (SELECT newest.1 AS trace_id, newest.2 AS response_id, newest.3 AS value FROM
      (SELECT argMax((trace_id, response_id, value), version) AS newest FROM scores FINAL
        WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} - INTERVAL 1 DAY
          AND ({score:String} = '' OR name = {score:String})
        GROUP BY name, score_id)
      WHERE isNotNull(newest.3)) AS s
    LEFT JOIN (SELECT response_id, any(trace_id) AS trace_id FROM calls FINAL
      WHERE project_id = {project:String} AND response_id != '' AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
      GROUP BY response_id) AS c ON s.response_id = c.response_id
  )
  GROUP BY trace_id`;

function textCondition(q: string): { sql: string; params: Record<string, string> } {
  if (q === '') return { sql: '', params: {} };
  if (/^[0-9a-f]{32}$/i.test(q)) return { sql: 'AND trace_id = {q:String}', params: { q: q.toLowerCase() } };
  const inSpans = (condition: string) => `AND trace_id IN (SELECT trace_id FROM spans
    WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL 1 DAY
      AND start_time < {to:DateTime64(3)} + INTERVAL 1 DAY AND ${condition})`;
  const equals = q.indexOf('=');
  if (equals > 0) {
    const params = { q_key: q.slice(0, equals).trim(), q: q.slice(equals + 1).trim() };
    return {
      sql: inSpans('(attributes[{q_key:String}] = {q:String} OR resource[{q_key:String}] = {q:String})'),
      params,
    };
  }
  return { sql: inSpans('positionCaseInsensitiveUTF8(name, {q:String}) > 0'), params: { q } };
}

interface SummaryRow {
  trace_id: string;
  start: string;
  root_name: string;
  root_service: string;
  root_environment: string;
  span_ns: string;
  spans: string;
  errors: string;
}

interface LedgerRow {
  trace_id: string;
  start: string;
  a_service: string;
  an_environment: string;
  first_feature: string;
  first_tenant: string;
  models: string[];
  end_ns: string;
  start_ns: string;
  calls: string;
  failed_calls: string;
  input_sum: string | null;
  output_sum: string | null;
  cost_sum: string | null;
  unpriced_calls: string;
}

/** Summaries of these traces, those without model calls too; ids that nothing is known of are left out. */
export async function summarize(
  clickhouse: ClickHouse,
  params: { projectId: string; traceIds: readonly string[] },
): Promise<TraceSummary[]> {
  if (params.traceIds.length === 0) return [];
  const bound = { project: params.projectId, traces: params.traceIds };
  const [spans, ledger, scores] = await Promise.all([
    clickhouse.query<SummaryRow>(SPANS, bound),
    clickhouse.query<LedgerRow>(LEDGER, bound),
    clickhouse.query<{ trace_id: string; name: string; mean: number }>(SCORES, bound),
  ]);
  const bySpans = new Map(spans.map(row => [row.trace_id, row]));
  const byLedger = new Map(ledger.map(row => [row.trace_id, row]));
  const means = new Map<string, Record<string, number>>();
  for (const { trace_id, name, mean } of scores)
    means.set(trace_id, { ...means.get(trace_id), [name]: mean });
  return [...new Set([...bySpans.keys(), ...byLedger.keys()])].map(id =>
    toSummary(id, bySpans.get(id), byLedger.get(id), means.get(id) ?? {}),
  );
}

function toSummary(
  traceId: string,
  spans: SummaryRow | undefined,
  ledger: LedgerRow | undefined,
  scores: Record<string, number>,
): TraceSummary {
  const tokens = (text: string | null | undefined) => (text == null ? null : Number(text));
  const ledgerNs = ledger ? Number(BigInt(ledger.end_ns) - BigInt(ledger.start_ns)) : 0;
  return {
    trace_id: traceId,
    start_time: isoFromStore(spans?.start ?? ledger!.start),
    name: spans?.root_name ?? '',
    service: spans?.root_service ?? ledger!.a_service,
    environment: spans?.root_environment ?? ledger!.an_environment,
    feature: ledger?.first_feature ?? '',
    tenant: ledger?.first_tenant ?? '',
    models: ledger?.models ?? [],
    duration_ms: (spans ? Number(spans.span_ns) : ledgerNs) / 1e6,
    spans: Number(spans?.spans ?? 0),
    calls: Number(ledger?.calls ?? 0),
    failed_calls: Number(ledger?.failed_calls ?? 0),
    error: Number(spans?.errors ?? 0) > 0 || Number(ledger?.failed_calls ?? 0) > 0,
    input_tokens: tokens(ledger?.input_sum),
    output_tokens: tokens(ledger?.output_sum),
    cost_usd: usdFromNanos(ledger?.cost_sum ?? null),
    unpriced_calls: Number(ledger?.unpriced_calls ?? 0),
    scores,
  };
}

// The root is the span without a parent; of several, or when it has not arrived, the earliest. A span with a start in the
// future that was sent again in another hour is another row to the table; the newer one counts.
const SPANS = `
SELECT trace_id, toString(min(start_time)) AS start,
  argMin(name, (parent_span_id != '', start_time)) AS root_name,
  argMin(service, (parent_span_id != '', start_time)) AS root_service,
  argMin(environment, (parent_span_id != '', start_time)) AS root_environment,
  max(toUnixTimestamp64Nano(start_time) + toInt64(duration_ns)) - min(toUnixTimestamp64Nano(start_time)) AS span_ns,
  count() AS spans, countIf(status = 'error') AS errors
FROM
(
  SELECT trace_id, parent_span_id, start_time, duration_ns, name, service, environment, status FROM spans FINAL
  WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
  ORDER BY version DESC LIMIT 1 BY trace_id, span_id
)
GROUP BY trace_id`;

const LEDGER = `
SELECT trace_id, toString(min(start_time)) AS start, any(service) AS a_service, any(environment) AS an_environment,
  argMinIf(feature, start_time, feature != '') AS first_feature,
  argMinIf(tenant, start_time, tenant != '') AS first_tenant,
  arraySort(groupUniqArrayIf(20)(model, model != '')) AS models,
  min(toUnixTimestamp64Nano(start_time)) AS start_ns,
  max(toUnixTimestamp64Nano(start_time) + toInt64(duration_ns)) AS end_ns,
  count() AS calls, sum(failed) AS failed_calls,
  sum(input_tokens) AS input_sum, sum(output_tokens) AS output_sum, sum(cost_nanos) AS cost_sum,
  ${UNPRICED} AS unpriced_calls
FROM calls FINAL
WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
GROUP BY trace_id`;

const SCORES = `
SELECT trace_id, name, avg(assumeNotNull(value)) AS mean FROM
(
  SELECT trace_id, name, value FROM
    (SELECT trace_id, name, score_id, value FROM scores FINAL
     WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
     ORDER BY version DESC LIMIT 1 BY name, score_id)
  UNION ALL
  SELECT c.trace_id, s.name, s.value
  FROM (SELECT response_id, name, value FROM scores FINAL
    WHERE project_id = {project:String} AND trace_id = '' AND response_id != ''
      AND response_id IN (SELECT response_id FROM calls WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)})) AS s
  INNER JOIN (SELECT response_id, trace_id FROM calls FINAL
    WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)} AND response_id != '') AS c ON s.response_id = c.response_id
)
WHERE isNotNull(value)
GROUP BY trace_id, name`;
