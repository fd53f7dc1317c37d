import { type CallRow, clickhouseTime, type ScoreOrigin, type ScoreRow, type SpanRow } from '#store/rows.ts';

/** An unremarkable successful chat call; name only what the test is about. `at` is an ISO time. */
export function callRow({ at, ...given }: Partial<CallRow> & { at: string; span_id: string }): CallRow {
  return {
    project_id: 'default',
    start_time: isoToRow(at),
    trace_id: given.span_id.padStart(32, 'a'),
    operation: 'chat',
    service: 'app',
    environment: 'production',
    release: '1.0',
    feature: 'support',
    tenant: '',
    team: '',
    user: '',
    session: '',
    provider: 'openai',
    model: 'gpt-4o-mini',
    request_model: 'gpt-4o-mini',
    response_model: 'gpt-4o-mini-2024-07-18',
    response_id: '',
    agent: '',
    prompt_name: '',
    prompt_version: '',
    variant: '',
    purpose: '',
    dialect: 'gen_ai',
    scope_name: 'test',
    scope_version: '1',
    streaming: null,
    finish_reason: 'stop',
    failed: 0,
    error_type: '',
    error_message: '',
    http_status: null,
    attempts: 1,
    failed_attempts: 0,
    duration_ns: '800000000',
    ttft_ns: null,
    input_tokens: 100,
    cache_read_tokens: null,
    cache_write_tokens: null,
    cache_write_1h_tokens: null,
    output_tokens: 20,
    reasoning_tokens: null,
    audio_input_tokens: null,
    audio_output_tokens: null,
    image_input_tokens: null,
    image_output_tokens: null,
    embedding_tokens: null,
    total_tokens: null,
    max_output_tokens: null,
    images: null,
    searches: null,
    rerank_units: null,
    tool_calls_requested: null,
    cost_nanos: '27000',
    cost_low_nanos: '27000',
    cost_high_nanos: '27000',
    uncached_nanos: null,
    cost_by_kind: { input: '15000', output: '12000' },
    price_version: 'test',
    client_cost_nanos: null,
    service_tier: '',
    flags: [],
    merged_from: [],
    version: '1',
    is_deleted: 0,
    ...given,
  };
}

/** A score of a span from outside; name what it judges. */
export function scoreRow({
  at,
  ...given
}: Partial<ScoreRow & ScoreOrigin> & { at: string; score_id: string }): ScoreRow & Partial<ScoreOrigin> {
  return {
    project_id: 'default',
    time: isoToRow(at),
    name: 'answer_quality',
    value: 0.9,
    label: '',
    explanation: '',
    error_type: '',
    source: 'otlp',
    target: 'span',
    trace_id: '',
    span_id: '',
    response_id: '',
    session: '',
    version: '1',
    is_deleted: 0,
    ...given,
  };
}

function isoToRow(iso: string): string {
  return clickhouseTime(BigInt(Date.parse(iso)) * 1_000_000n);
}

/** A plain span; name only what the test is about. */
export function spanRow({
  at,
  ...given
}: Partial<SpanRow> & { at: string; trace_id: string; span_id: string }): SpanRow {
  return {
    project_id: 'default',
    start_time: isoToRow(at),
    parent_span_id: '',
    name: 'span',
    kind: 'internal',
    duration_ns: '1000000000',
    status: 'unset',
    status_message: '',
    service: 'app',
    environment: 'production',
    release: '1.0',
    scope_name: 'test',
    scope_version: '1',
    dialect: '',
    role: '',
    attributes: {},
    resource: {},
    events: '',
    links: '',
    facts: '',
    received_at: isoToRow(at),
    version: '1',
    ...given,
  };
}
