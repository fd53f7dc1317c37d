import { type CallRow, clickhouseTime, type ToolCallRow } from '#store/rows.ts';
import type { Dialect } from './facts.ts';

/**
 * One logical operation of the ledger: a model call, embedding or rerank with its attempts and duplicates folded in.
 * Unknown words are empty strings, unknown numbers null (absent is not zero). Times in nanoseconds.
 */
export interface Call {
  traceId: string;
  /** The span that stands for the call: of several attempts the last one, of several instrumentations the believed one. */
  spanId: string;
  /** Of the first attempt. */
  startNs: bigint;
  /** Until the end of the last attempt: as long as the application waited. */
  durationNs: bigint;
  /** `chat`, `text_completion`, `generate_content`, `embeddings` or `rerank`. */
  operation: string;
  service: string;
  environment: string;
  release: string;
  feature: string;
  tenant: string;
  user: string;
  session: string;
  provider: string;
  /** Response model, else request model, without date, region and vendor prefix. */
  model: string;
  requestModel: string;
  responseModel: string;
  responseId: string;
  agent: string;
  promptName: string;
  promptVersion: string;
  variant: string;
  outcome: string;
  dialect: Dialect;
  scopeName: string;
  scopeVersion: string;
  streaming: boolean | null;
  finishReason: string;
  failed: boolean;
  errorType: string;
  errorMessage: string;
  httpStatus: number | null;
  attempts: number;
  failedAttempts: number;
  ttftNs: number | null;
  /** Every input token including cache reads and writes; null for embeddings. */
  inputTokens: number | null;
  cacheReadTokens: number | null;
  cacheWriteTokens: number | null;
  cacheWrite1hTokens: number | null;
  /** Every output token including reasoning. */
  outputTokens: number | null;
  reasoningTokens: number | null;
  audioInputTokens: number | null;
  audioOutputTokens: number | null;
  embeddingTokens: number | null;
  /** Only when neither input nor output is known: input and output together. */
  totalTokens: number | null;
  toolCallsRequested: number | null;
  /** What the sender's own library thinks it cost; a hint only. */
  clientCostUsd: number | null;
  serviceTier: string;
  flags: string[];
  /** Spans (`trace_id/span_id`) that reported the same operation again; sorted. Earlier attempts are not among them. */
  mergedFrom: string[];
}

/** One execution of a tool, with what it inherits. */
export interface ToolCall {
  traceId: string;
  spanId: string;
  startNs: bigint;
  durationNs: bigint;
  name: string;
  service: string;
  environment: string;
  release: string;
  feature: string;
  tenant: string;
  user: string;
  session: string;
  agent: string;
  dialect: Dialect;
  failed: boolean;
  errorType: string;
}

/** The money columns of a call: integer nano-dollars as decimal strings, null when unpriced. */
export type CallCost = Pick<
  CallRow,
  'cost_nanos' | 'cost_low_nanos' | 'cost_high_nanos' | 'cost_by_kind' | 'price_version'
>;

/** A call as its ledger row; the price is decided elsewhere. */
export function toCallRow(call: Call, projectId: string, version: string, cost: CallCost): CallRow {
  return {
    project_id: projectId,
    start_time: clickhouseTime(call.startNs),
    trace_id: call.traceId,
    span_id: call.spanId,
    operation: call.operation,
    service: call.service,
    environment: call.environment,
    release: call.release,
    feature: call.feature,
    tenant: call.tenant,
    user: call.user,
    session: call.session,
    provider: call.provider,
    model: call.model,
    request_model: call.requestModel,
    response_model: call.responseModel,
    response_id: call.responseId,
    agent: call.agent,
    prompt_name: call.promptName,
    prompt_version: call.promptVersion,
    variant: call.variant,
    dialect: call.dialect,
    scope_name: call.scopeName,
    scope_version: call.scopeVersion,
    streaming: call.streaming === null ? null : flag(call.streaming),
    finish_reason: call.finishReason,
    failed: flag(call.failed),
    error_type: call.errorType,
    error_message: call.errorMessage,
    http_status: call.httpStatus,
    attempts: call.attempts,
    failed_attempts: call.failedAttempts,
    duration_ns: call.durationNs.toString(),
    ttft_ns: call.ttftNs === null ? null : call.ttftNs.toString(),
    input_tokens: call.inputTokens,
    cache_read_tokens: call.cacheReadTokens,
    cache_write_tokens: call.cacheWriteTokens,
    cache_write_1h_tokens: call.cacheWrite1hTokens,
    output_tokens: call.outputTokens,
    reasoning_tokens: call.reasoningTokens,
    audio_input_tokens: call.audioInputTokens,
    audio_output_tokens: call.audioOutputTokens,
    embedding_tokens: call.embeddingTokens,
    tool_calls_requested: call.toolCallsRequested,
    ...cost,
    client_cost_nanos: call.clientCostUsd === null ? null : Math.round(call.clientCostUsd * 1e9).toString(),
    service_tier: call.serviceTier,
    flags: call.flags,
    merged_from: call.mergedFrom,
    version,
    is_deleted: 0,
  };
}

/** A tool execution as its row. */
export function toToolCallRow(tool: ToolCall, projectId: string, version: string): ToolCallRow {
  return {
    project_id: projectId,
    start_time: clickhouseTime(tool.startNs),
    trace_id: tool.traceId,
    span_id: tool.spanId,
    name: tool.name,
    service: tool.service,
    environment: tool.environment,
    release: tool.release,
    feature: tool.feature,
    tenant: tool.tenant,
    user: tool.user,
    session: tool.session,
    agent: tool.agent,
    dialect: tool.dialect,
    failed: flag(tool.failed),
    error_type: tool.errorType,
    duration_ns: tool.durationNs.toString(),
    version,
    is_deleted: 0,
  };
}

function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}
