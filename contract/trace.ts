import { z } from 'zod';
import { where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';
import { score } from './score.ts';

/** Decimal USD with nine places, e.g. `0.004100000`. */
export const usd = z.string();

export const traceSummary = z.object({
  trace_id: z.string(),
  start_time: z.string(),
  /** Name of the root span, or of the earliest one when the root has not arrived. */
  name: z.string(),
  service: z.string(),
  environment: z.string(),
  feature: z.string(),
  tenant: z.string(),
  models: z.array(z.string()),
  duration_ms: z.number(),
  spans: z.int(),
  calls: z.int(),
  failed_calls: z.int(),
  error: z.boolean(),
  input_tokens: z.int().nullable(),
  output_tokens: z.int().nullable(),
  /** Null when no call has a price; see unpriced_calls when only some have. */
  cost_usd: usd.nullable(),
  unpriced_calls: z.int(),
  /** Mean per score name. */
  scores: z.record(z.string(), z.number()),
});
export type TraceSummary = z.infer<typeof traceSummary>;

export const traceSearch = endpoint(
  'GET',
  '/api/v1/traces',
  'Traces with model calls, newest first or worst first',
  z.object({
    ...range,
    where,
    q: z.string().max(200).default('').describe('trace id, span name, or attribute as key=value'),
    status: z.enum(['any', 'error', 'ok']).default('any'),
    sort: z.enum(['newest', 'slowest', 'costliest', 'worst_score']).default('newest'),
    score: z.string().default('').describe('score name for sort=worst_score'),
    limit: z.coerce.number().int().min(1).max(500).default(50),
    before: z.string().optional().describe('continue below this start_time (sort=newest)'),
  }),
  z.object({ traces: z.array(traceSummary), more: z.boolean() }),
);

export const messagePart = z.looseObject({ type: z.string(), content: z.unknown().optional() });
export const message = z.object({
  role: z.string(),
  parts: z.array(messagePart),
  finish_reason: z.string().optional(),
});
export type Message = z.infer<typeof message>;

const tokens = z.int().nullable();

export const call = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  start_time: z.string(),
  operation: z.string(),
  feature: z.string(),
  tenant: z.string(),
  team: z.string(),
  user: z.string(),
  session: z.string(),
  provider: z.string(),
  model: z.string(),
  request_model: z.string(),
  response_model: z.string(),
  response_id: z.string(),
  agent: z.string(),
  prompt: z.string(),
  variant: z.string(),
  purpose: z.string().describe('`evaluation` when it judges other calls'),
  dialect: z.string(),
  streaming: z.boolean().nullable(),
  finish_reason: z.string(),
  failed: z.boolean(),
  error_type: z.string(),
  error_message: z.string(),
  attempts: z.int(),
  failed_attempts: z.int(),
  duration_ms: z.number(),
  ttft_ms: z.number().nullable(),
  input_tokens: tokens,
  cache_read_tokens: tokens,
  cache_write_tokens: tokens,
  output_tokens: tokens,
  reasoning_tokens: tokens,
  embedding_tokens: tokens,
  tool_calls_requested: z.int().nullable(),
  cost_usd: usd.nullable(),
  cost_low_usd: usd.nullable(),
  cost_high_usd: usd.nullable(),
  cost_by_kind: z.record(z.string(), usd),
  price_version: z.string(),
  client_cost_usd: usd.nullable(),
  flags: z.array(z.string()),
  merged_from: z.array(z.string()),
});
export type Call = z.infer<typeof call>;

export const span = z.object({
  span_id: z.string(),
  parent_span_id: z.string(),
  name: z.string(),
  kind: z.string(),
  role: z.string(),
  dialect: z.string(),
  service: z.string(),
  start_time: z.string(),
  /** Milliseconds after the earliest span of the trace. */
  offset_ms: z.number(),
  duration_ms: z.number(),
  status: z.enum(['unset', 'ok', 'error']),
  status_message: z.string(),
  scope: z.string(),
  attributes: z.record(z.string(), z.string()),
  resource: z.record(z.string(), z.string()),
  events: z.array(
    z.object({ time: z.string(), name: z.string(), attributes: z.record(z.string(), z.string()) }),
  ),
});
export type Span = z.infer<typeof span>;

export const traceDetail = z.object({
  trace_id: z.string(),
  summary: traceSummary,
  spans: z.array(span),
  calls: z.array(call),
  scores: z.array(score),
  logs: z.array(
    z.object({
      time: z.string(),
      span_id: z.string(),
      event_name: z.string(),
      severity: z.string(),
      body: z.string(),
      attributes: z.record(z.string(), z.string()),
    }),
  ),
  /** By span id; absent when nothing was captured for the span. */
  contents: z.record(z.string(), z.object({ input: z.array(message), output: z.array(message) })),
});
export type TraceDetail = z.infer<typeof traceDetail>;

export const traceById = endpoint(
  'GET',
  '/api/v1/traces/{trace_id}',
  'One trace with its spans, calls, messages and scores',
  z.object({}),
  traceDetail,
);
