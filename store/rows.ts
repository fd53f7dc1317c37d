/**
 * Rows as they are written to ClickHouse (JSONEachRow). Times are `YYYY-MM-DD hh:mm:ss.nnnnnnnnn` in UTC,
 * 64-bit integers are decimal strings where they may pass 2^53, absent is null and never 0.
 */

export type Attributes = Record<string, string>;

/** One span as sent. Durations are nanoseconds. */
export interface SpanRow {
  project_id: string;
  start_time: string;
  trace_id: string;
  span_id: string;
  parent_span_id: string;
  name: string;
  kind: string;
  duration_ns: string;
  /** `unset`, `ok` or `error`. */
  status: string;
  status_message: string;
  service: string;
  environment: string;
  release: string;
  scope_name: string;
  scope_version: string;
  dialect: string;
  role: string;
  attributes: Attributes;
  resource: Attributes;
  /** JSON array of `{time, name, attributes}`. */
  events: string;
  /** JSON array of `{trace_id, span_id, attributes}`. */
  links: string;
  /** JSON of the collector's SpanFacts; empty for plain spans. */
  facts: string;
  received_at: string;
  version: string;
}

export interface LogRow {
  project_id: string;
  time: string;
  log_id: string;
  trace_id: string;
  span_id: string;
  event_name: string;
  severity: string;
  body: string;
  service: string;
  environment: string;
  release: string;
  scope_name: string;
  scope_version: string;
  attributes: Attributes;
  resource: Attributes;
  facts: string;
  received_at: string;
  version: string;
}

export interface CallRow {
  project_id: string;
  start_time: string;
  trace_id: string;
  span_id: string;
  /** `chat`, `text_completion`, `generate_content`, `embeddings` or `rerank`. */
  operation: string;
  service: string;
  environment: string;
  release: string;
  feature: string;
  tenant: string;
  team: string;
  user: string;
  session: string;
  provider: string;
  /** Response model, else request model, without date, region and vendor prefix. */
  model: string;
  request_model: string;
  response_model: string;
  response_id: string;
  agent: string;
  prompt_name: string;
  prompt_version: string;
  variant: string;
  /** `evaluation` when it judges other calls. */
  purpose: string;
  dialect: string;
  scope_name: string;
  scope_version: string;
  streaming: 0 | 1 | null;
  finish_reason: string;
  failed: 0 | 1;
  error_type: string;
  error_message: string;
  http_status: number | null;
  attempts: number;
  failed_attempts: number;
  duration_ns: string;
  ttft_ns: string | null;
  /** Every input token including cache reads and writes; embeddings use embedding_tokens instead. */
  input_tokens: number | null;
  cache_read_tokens: number | null;
  cache_write_tokens: number | null;
  cache_write_1h_tokens: number | null;
  /** Every output token including reasoning. */
  output_tokens: number | null;
  reasoning_tokens: number | null;
  audio_input_tokens: number | null;
  audio_output_tokens: number | null;
  image_input_tokens: number | null;
  image_output_tokens: number | null;
  embedding_tokens: number | null;
  /** Input and output together, only where neither is known. */
  total_tokens: number | null;
  /** The limit the request set, only where the output is unknown. */
  max_output_tokens: number | null;
  /** Pictures made. */
  images: number | null;
  searches: number | null;
  rerank_units: number | null;
  tool_calls_requested: number | null;
  cost_nanos: string | null;
  cost_low_nanos: string | null;
  cost_high_nanos: string | null;
  /** What it would have cost without any cache; null when unpriced. */
  uncached_nanos: string | null;
  /** Nano-dollars by token kind; sums to cost_nanos exactly. */
  cost_by_kind: Record<string, string>;
  /** Nano-dollars off the list price, by `discount.<kind>`, `commitment.<kind>`, and `prepaid.<kind>`. */
  reductions?: Record<string, string>;
  price_version: string;
  client_cost_nanos: string | null;
  service_tier: string;
  /** Reading notes, e.g. `estimated_from_aggregate`, `estimated_tokens`, `cache_added_to_input`, `subset_exceeds_whole`. */
  flags: string[];
  /** Spans folded into this call, as `trace_id/span_id`. */
  merged_from: string[];
  version: string;
  is_deleted: 0 | 1;
}

export interface ToolCallRow {
  project_id: string;
  start_time: string;
  trace_id: string;
  span_id: string;
  name: string;
  service: string;
  environment: string;
  release: string;
  feature: string;
  tenant: string;
  user: string;
  session: string;
  agent: string;
  dialect: string;
  failed: 0 | 1;
  error_type: string;
  duration_ns: string;
  version: string;
  is_deleted: 0 | 1;
}

/** Messages of one span or log record: JSON arrays of `{role, parts: [{type, …}], finish_reason?}`. */
export interface ContentRow {
  project_id: string;
  time: string;
  trace_id: string;
  span_id: string;
  /** Empty for the span's own content, the log id for content that came as a log record. */
  record_id: string;
  input: string;
  output: string;
  version: string;
}

export interface ScoreRow {
  project_id: string;
  time: string;
  /** Hash of what the score is, so that a resend replaces itself. */
  score_id: string;
  name: string;
  value: number | null;
  label: string;
  explanation: string;
  error_type: string;
  /** `otlp`, `api` or `feedback`. */
  source: string;
  /** What is judged: `span`, `response`, `trace` or `session`. */
  target: string;
  trace_id: string;
  span_id: string;
  response_id: string;
  session: string;
  version: string;
  is_deleted: 0 | 1;
}

/** How a score came about; the collector leaves it to the table's defaults. */
export interface ScoreOrigin {
  /** Chance with which its call was chosen to be scored; null when nobody knows. */
  inclusion_probability: number | null;
  /** `relevancy@3`. */
  evaluator: string;
  /** `rule`, `judge`, `human`, `user` or empty. */
  rater: string;
}

/** What came of calls, naming what led to it. */
export interface OutcomeRow {
  project_id: string;
  time: string;
  outcome_id: string;
  name: string;
  value: number | null;
  value_nanos: string | null;
  label: string;
  /** `otlp` or `api`. */
  source: string;
  trace_id: string;
  response_id: string;
  session: string;
  user: string;
  /** Only calls of this feature may have led to it; empty: any. */
  feature: string;
  version: string;
  is_deleted: 0 | 1;
}

export interface MetricRow {
  project_id: string;
  time: string;
  start_time: string;
  name: string;
  unit: string;
  /** `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`. */
  kind: string;
  /** `delta`, `cumulative` or empty. */
  temporality: string;
  monotonic: 0 | 1;
  service: string;
  environment: string;
  release: string;
  attributes: Attributes;
  resource: Attributes;
  series_id: string;
  value: number | null;
  count: string | null;
  sum: number | null;
  min: number | null;
  max: number | null;
  bounds: number[];
  bucket_counts: string[];
  version: string;
}

export interface RejectRow {
  project_id: string;
  time: string;
  signal: string;
  reason: string;
  count: number;
  sample: string;
  service: string;
}

/** What one sender did in one minute, as one collector process counted it. `delay_ms_*` are of spans only. */
export interface IngestSourceRow {
  project_id: string;
  minute: string;
  collector_id: string;
  signal: string;
  service: string;
  sdk: string;
  sdk_version: string;
  scope_name: string;
  scope_version: string;
  dialect: string;
  received: number;
  acked: number;
  stored: number;
  rejected: number;
  duplicates: number;
  truncated: number;
  delay_ms_sum: number;
  delay_ms_max: number;
  last_seen: string;
  version: number;
}

/** An attribute that no rule reads: `n` of `sampled` spans of an instrumentation carried it in this hour. */
export interface UnmappedAttributeRow {
  project_id: string;
  hour: string;
  collector_id: string;
  scope_name: string;
  scope_version: string;
  dialect: string;
  key: string;
  n: number;
  sampled: number;
  example: string;
  trace_id: string;
  span_id: string;
  last_seen: string;
  version: number;
}

/** Every table the collector writes, with its row. */
export interface Tables {
  spans: SpanRow;
  logs: LogRow;
  calls: CallRow;
  tool_calls: ToolCallRow;
  contents: ContentRow;
  scores: ScoreRow;
  outcomes: OutcomeRow;
  metrics: MetricRow;
  rejects: RejectRow;
}

/** `2026-11-20 14:02:33.766000000` for DateTime64(9) columns. */
export function clickhouseTime(ns: bigint): string {
  const seconds = ns / 1_000_000_000n;
  const fraction = (ns % 1_000_000_000n).toString().padStart(9, '0');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${fraction}`;
}

/** The inverse of clickhouseTime; accepts any number of fractional digits. */
export function nanosFromClickhouse(text: string): bigint {
  const [date, fraction = ''] = text.split('.');
  const ms = Date.parse(`${date?.replace(' ', 'T')}Z`);
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
