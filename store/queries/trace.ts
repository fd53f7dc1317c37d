import type { Score } from '#contract/score.ts';
import type { Call, Message, Span, TraceDetail } from '#contract/trace.ts';
import type { ClickHouse } from '../engine/client.ts';
import {
  type CallRow,
  type ContentRow,
  type LogRow,
  nanosFromClickhouse,
  type ScoreRow,
  type SpanRow,
} from '../rows.ts';
import { isoFromStore } from './time.ts';
import { summarize } from './traces.ts';
import { usdFromNanos } from './usd.ts';
import { promptOf } from './where.ts';

/** Everything known of one trace, null when that is nothing. Readers without the right to texts get `contents` empty. */
export async function readTrace(
  clickhouse: ClickHouse,
  { projectId, traceId }: { projectId: string; traceId: string },
): Promise<TraceDetail | null> {
  const params = { project: projectId, trace: traceId.toLowerCase() };
  const [[summary], spans, calls, logs, contents, scores] = await Promise.all([
    summarize(clickhouse, { projectId, traceIds: [params.trace] }),
    clickhouse.query<SpanRow>(
      `SELECT * FROM (${newest('spans', 'span_id')}) ORDER BY start_time, span_id LIMIT 20000`,
      params,
    ),
    clickhouse.query<CallRow & { prompt: string }>(
      `SELECT *, ${promptOf} AS prompt FROM calls FINAL ${OF_TRACE} ORDER BY start_time, span_id`,
      params,
    ),
    clickhouse.query<LogRow>(
      `SELECT * FROM (${newest('logs', 'log_id')}) ORDER BY time, log_id LIMIT 5000`,
      params,
    ),
    clickhouse.query<ContentRow>(
      `SELECT * FROM (${newest('contents', 'span_id, record_id')}) ORDER BY time, record_id LIMIT 5000`,
      params,
    ),
    clickhouse.query<ScoreRow>(SCORES, params),
  ]);
  if (!summary) return null;
  const startNs = spans.reduce(
    (first, row) => min(first, nanosFromClickhouse(row.start_time)),
    BigInt(2) ** BigInt(62),
  );
  return {
    trace_id: params.trace,
    summary,
    spans: spans.map(row => toSpan(row, startNs)),
    calls: calls.map(toCall),
    scores: scores.map(toScore),
    logs: logs.map(toLog),
    contents: bySpan(contents, calls),
  };
}

const OF_TRACE = 'WHERE project_id = {project:String} AND trace_id = {trace:String}';

// Each span once: the hour is part of a row's key, and a start in the future is moved to the time of receipt, so such a
// span that was sent again in another hour is another row to the table. The same goes for records and texts.
const newest = (table: 'spans' | 'logs' | 'contents', id: string) =>
  `SELECT * FROM ${table} FINAL ${OF_TRACE} ORDER BY version DESC LIMIT 1 BY ${id}`;

// A score that was sent again with another time is another row to the table.
const SCORES = `
SELECT * FROM
(
  SELECT * FROM scores FINAL
  WHERE project_id = {project:String} AND (trace_id = {trace:String}
    OR (trace_id = '' AND response_id != ''
      AND response_id IN (SELECT response_id FROM calls FINAL ${OF_TRACE} AND response_id != ''))
    OR (target = 'session' AND session != ''
      AND session IN (SELECT session FROM calls FINAL ${OF_TRACE} AND session != '')))
  ORDER BY version DESC LIMIT 1 BY name, score_id
)
ORDER BY time, name`;

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function toSpan(row: SpanRow, traceStartNs: bigint): Span {
  return {
    span_id: row.span_id,
    parent_span_id: row.parent_span_id,
    name: row.name,
    kind: row.kind,
    role: row.role,
    dialect: row.dialect,
    service: row.service,
    start_time: isoFromStore(row.start_time),
    offset_ms: Number(nanosFromClickhouse(row.start_time) - traceStartNs) / 1e6,
    duration_ms: Number(row.duration_ns) / 1e6,
    status: row.status as Span['status'],
    status_message: row.status_message,
    scope: row.scope_version ? `${row.scope_name} ${row.scope_version}` : row.scope_name,
    attributes: row.attributes,
    resource: row.resource,
    events: parseOr<Span['events']>(row.events, []),
  };
}

function toCall(row: CallRow & { prompt: string }): Call {
  const number = (value: string | number | null) => (value === null ? null : Number(value));
  return {
    trace_id: row.trace_id,
    span_id: row.span_id,
    start_time: isoFromStore(row.start_time),
    operation: row.operation,
    feature: row.feature,
    tenant: row.tenant,
    team: row.team,
    user: row.user,
    session: row.session,
    provider: row.provider,
    model: row.model,
    request_model: row.request_model,
    response_model: row.response_model,
    response_id: row.response_id,
    agent: row.agent,
    prompt: row.prompt,
    variant: row.variant,
    purpose: row.purpose,
    dialect: row.dialect,
    streaming: row.streaming === null ? null : row.streaming === 1,
    finish_reason: row.finish_reason,
    failed: row.failed === 1,
    error_type: row.error_type,
    error_message: row.error_message,
    attempts: row.attempts,
    failed_attempts: row.failed_attempts,
    duration_ms: Number(row.duration_ns) / 1e6,
    ttft_ms: row.ttft_ns === null ? null : Number(row.ttft_ns) / 1e6,
    input_tokens: number(row.input_tokens),
    cache_read_tokens: number(row.cache_read_tokens),
    cache_write_tokens: number(row.cache_write_tokens),
    output_tokens: number(row.output_tokens),
    reasoning_tokens: number(row.reasoning_tokens),
    embedding_tokens: number(row.embedding_tokens),
    tool_calls_requested: number(row.tool_calls_requested),
    cost_usd: usdFromNanos(row.cost_nanos),
    cost_low_usd: usdFromNanos(row.cost_low_nanos),
    cost_high_usd: usdFromNanos(row.cost_high_nanos),
    cost_by_kind: Object.fromEntries(
      Object.entries(row.cost_by_kind).map(([kind, nanos]) => [kind, usdFromNanos(nanos)!]),
    ),
    price_version: row.price_version,
    client_cost_usd: usdFromNanos(row.client_cost_nanos),
    flags: row.flags,
    merged_from: row.merged_from,
  };
}

export function toScore(row: ScoreRow): Score {
  return {
    score_id: row.score_id,
    time: isoFromStore(row.time),
    name: row.name,
    value: row.value,
    label: row.label,
    explanation: row.explanation || row.error_type,
    source: row.source,
    target: row.target,
    trace_id: row.trace_id,
    span_id: row.span_id,
    response_id: row.response_id,
    session: row.session,
  };
}

function toLog(row: LogRow): TraceDetail['logs'][number] {
  return {
    time: isoFromStore(row.time),
    span_id: row.span_id,
    event_name: row.event_name,
    severity: row.severity,
    body: row.body,
    attributes: row.attributes,
  };
}

type Texts = TraceDetail['contents'][string];

/**
 * Messages by span. What a span carries itself comes first; what it lacks is filled in from its log records (in time
 * order), then from the spans that were folded into its call.
 */
function bySpan(rows: ContentRow[], calls: CallRow[]): TraceDetail['contents'] {
  const own = new Map<string, Texts>();
  const logged = new Map<string, Texts>();
  for (const row of rows) {
    const texts = { input: parseOr<Message[]>(row.input, []), output: parseOr<Message[]>(row.output, []) };
    if (row.record_id === '') own.set(row.span_id, texts);
    else {
      const before = logged.get(row.span_id) ?? { input: [], output: [] };
      logged.set(row.span_id, {
        input: [...before.input, ...texts.input],
        output: [...before.output, ...texts.output],
      });
    }
  }
  const contents = new Map<string, Texts>();
  for (const id of new Set([...own.keys(), ...logged.keys()]))
    contents.set(id, fill(own.get(id), logged.get(id)));
  for (const call of calls) {
    const folded = call.merged_from.map(path => contents.get(path.split('/').at(-1)!));
    const filled = [contents.get(call.span_id), ...folded].reduce<Texts | undefined>(
      (texts, more) => (texts || more ? fill(texts, more) : undefined),
      undefined,
    );
    if (filled) contents.set(call.span_id, filled);
  }
  return Object.fromEntries(contents);
}

function fill(texts: Texts | undefined, more: Texts | undefined): Texts {
  return {
    input: texts?.input.length ? texts.input : (more?.input ?? []),
    output: texts?.output.length ? texts.output : (more?.output ?? []),
  };
}

function parseOr<T>(json: string, otherwise: T): T {
  if (json === '') return otherwise;
  try {
    return JSON.parse(json) as T;
  } catch {
    return otherwise;
  }
}
