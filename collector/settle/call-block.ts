import type { CallBlock, ToolCallBlock } from '#store/native/tables.ts';
import type { Call, CallCost, ToolCall } from '../request/call.ts';
import { fitCall, fitCost } from './fit-call.ts';

/** What every row of the ledger carries besides what it tells. */
export interface LedgerMark {
  projectId: string;
  /** The higher one of two rows with the same key counts. */
  version: bigint;
}

/** Writes a call into the block as one row; what does not fit its column becomes unknown and is flagged. */
export function addCall(block: CallBlock, told: Call, price: CallCost, mark: LedgerMark): void {
  const { columns } = block;
  const cost = fitCost(price);
  const call = fitCall(told, cost !== price);
  columns.project_id.push(mark.projectId);
  columns.start_time.push(call.startNs);
  columns.trace_id.push(call.traceId);
  columns.span_id.push(call.spanId);
  columns.operation.push(call.operation);
  columns.service.push(call.service);
  columns.environment.push(call.environment);
  columns.release.push(call.release);
  columns.feature.push(call.feature);
  columns.tenant.push(call.tenant);
  columns.team.push(call.team);
  columns.user.push(call.user);
  columns.session.push(call.session);
  columns.provider.push(call.provider);
  columns.model.push(call.model);
  columns.request_model.push(call.requestModel);
  columns.response_model.push(call.responseModel);
  columns.response_id.push(call.responseId);
  columns.agent.push(call.agent);
  columns.prompt_name.push(call.promptName);
  columns.prompt_version.push(call.promptVersion);
  columns.variant.push(call.variant);
  columns.purpose.push(call.purpose);
  columns.dialect.push(call.dialect);
  columns.scope_name.push(call.scopeName);
  columns.scope_version.push(call.scopeVersion);
  columns.streaming.push(call.streaming === null ? null : Number(call.streaming));
  columns.finish_reason.push(call.finishReason);
  columns.failed.push(Number(call.failed));
  columns.error_type.push(call.errorType);
  columns.error_message.push(call.errorMessage);
  columns.http_status.push(call.httpStatus);
  columns.attempts.push(call.attempts);
  columns.failed_attempts.push(call.failedAttempts);
  columns.duration_ns.push(call.durationNs);
  columns.ttft_ns.push(call.ttftNs);
  columns.input_tokens.push(call.inputTokens);
  columns.cache_read_tokens.push(call.cacheReadTokens);
  columns.cache_write_tokens.push(call.cacheWriteTokens);
  columns.cache_write_1h_tokens.push(call.cacheWrite1hTokens);
  columns.output_tokens.push(call.outputTokens);
  columns.reasoning_tokens.push(call.reasoningTokens);
  columns.audio_input_tokens.push(call.audioInputTokens);
  columns.audio_output_tokens.push(call.audioOutputTokens);
  columns.image_input_tokens.push(call.imageInputTokens);
  columns.image_output_tokens.push(call.imageOutputTokens);
  columns.embedding_tokens.push(call.embeddingTokens);
  columns.total_tokens.push(call.totalTokens);
  columns.max_output_tokens.push(call.maxOutputTokens);
  columns.images.push(call.images);
  columns.searches.push(call.searches);
  columns.rerank_units.push(call.rerankUnits);
  columns.tool_calls_requested.push(call.toolCallsRequested);
  columns.cost_nanos.push(cost.nanos);
  columns.cost_low_nanos.push(cost.lowNanos);
  columns.cost_high_nanos.push(cost.highNanos);
  columns.uncached_nanos.push(cost.uncachedNanos);
  columns.cost_by_kind.push(cost.byKind);
  columns.reductions.push(cost.reductions ?? {});
  columns.price_version.push(cost.priceVersion);
  columns.client_cost_nanos.push(
    call.clientCostUsd === null ? null : BigInt(Math.round(call.clientCostUsd * 1e9)),
  );
  columns.service_tier.push(call.serviceTier);
  columns.flags.push(call.flags);
  columns.merged_from.push(call.mergedFrom);
  columns.version.push(mark.version);
  columns.is_deleted.push(0);
  block.endRow();
}

/** Writes a tool execution into the block as one row. */
export function addToolCall(block: ToolCallBlock, tool: ToolCall, mark: LedgerMark): void {
  const { columns } = block;
  columns.project_id.push(mark.projectId);
  columns.start_time.push(tool.startNs);
  columns.trace_id.push(tool.traceId);
  columns.span_id.push(tool.spanId);
  columns.name.push(tool.name);
  columns.service.push(tool.service);
  columns.environment.push(tool.environment);
  columns.release.push(tool.release);
  columns.feature.push(tool.feature);
  columns.tenant.push(tool.tenant);
  columns.user.push(tool.user);
  columns.session.push(tool.session);
  columns.agent.push(tool.agent);
  columns.dialect.push(tool.dialect);
  columns.failed.push(Number(tool.failed));
  columns.error_type.push(tool.errorType);
  columns.duration_ns.push(tool.durationNs);
  columns.version.push(mark.version);
  columns.is_deleted.push(0);
  block.endRow();
}

/** A row of the ledger that is no more, by what identifies it. */
export interface Deletion {
  traceId: string;
  spanId: string;
  startNs: bigint;
}

/** The columns of a row that only says it is deleted stay empty, but for its key. */
export function addDeletion(
  block: CallBlock | ToolCallBlock,
  { traceId, spanId, startNs }: Deletion,
  mark: LedgerMark,
): void {
  const key: Record<string, unknown> = {
    project_id: mark.projectId,
    start_time: startNs,
    trace_id: traceId,
    span_id: spanId,
    version: mark.version,
    is_deleted: 1,
  };
  for (const [name, column] of Object.entries(block.columns)) {
    const { type, push } = column as { type: string; push(value: unknown): void };
    push.call(column, name in key ? key[name] : emptyOf(type));
  }
  block.endRow();
}

function emptyOf(type: string): unknown {
  if (type.startsWith('Nullable')) return null;
  if (type.startsWith('Array')) return [];
  if (type.startsWith('Map')) return {};
  return type.endsWith('String') || type.startsWith('LowCardinality') ? '' : 0;
}
