import { isContentKey } from '../request/content-keys.ts';

const readList = `
  ai.model.id ai.model.provider ai.operationId
  ai.response.finishReason ai.response.id ai.response.model ai.response.msToFirstChunk ai.response.providerMetadata
  ai.stream.msToFirstChunk ai.telemetry.functionId ai.toolCall.id ai.toolCall.name
  ai.usage.cachedInputTokens ai.usage.completionTokens ai.usage.inputTokenDetails.cacheReadTokens
  ai.usage.inputTokenDetails.cacheWriteTokens ai.usage.inputTokenDetails.noCacheTokens ai.usage.inputTokens
  ai.usage.outputTokenDetails.reasoningTokens ai.usage.outputTokens ai.usage.promptTokens ai.usage.reasoningTokens
  ai.usage.tokens ai.usage.totalTokens
  anthropic.message.stop_reason anthropic.response.service_tier
  anthropic.usage.cache_creation.ephemeral_1h_input_tokens
  anthropic.usage.server_tool_use.web_search_requests
  app.feature app.team app.variant embedding.model_name enduser.id error.type feature.name feature_flag.result.variant
  gen_ai.agent.name gen_ai.client.operation.time_to_first_chunk gen_ai.completion.0.finish_reason
  gen_ai.conversation.id gen_ai.openai.response.service_tier gen_ai.operation.name gen_ai.prompt.name
  gen_ai.prompt.version gen_ai.provider.name gen_ai.request.is_stream gen_ai.request.model
  gen_ai.request.choice.count gen_ai.request.max_tokens
  gen_ai.request.service_tier gen_ai.request.stream gen_ai.request.user gen_ai.response.finish_reasons
  gen_ai.response.id gen_ai.response.model gen_ai.response.time_to_first_chunk gen_ai.server.time_to_first_token
  gen_ai.system gen_ai.tool.call.id gen_ai.tool.name
  gen_ai.usage.audio.input_tokens gen_ai.usage.audio.output_tokens gen_ai.usage.cache_creation.input_tokens
  gen_ai.usage.cache_creation_input_tokens gen_ai.usage.cache_read.input_tokens
  gen_ai.usage.cache_read_input_tokens gen_ai.usage.cache_write.input_tokens gen_ai.usage.completion_tokens
  gen_ai.usage.cost gen_ai.usage.estimated gen_ai.usage.image.input_tokens gen_ai.usage.image.output_tokens gen_ai.usage.input_tokens gen_ai.usage.output_tokens gen_ai.usage.prompt_tokens
  gen_ai.usage.reasoning.output_tokens gen_ai.usage.reasoning_tokens gen_ai.usage.total_cost
  gen_ai.usage.search_units gen_ai.usage.server_tool_use.web_search_requests gen_ai.usage.token_count_estimated
  gen_ai.usage.total_tokens
  gen_ai.usage.web_search_requests gen_ai.workflow.name
  http.response.status_code http.status_code
  langfuse.environment langfuse.experiment.id langfuse.experiment.name
  langfuse.observation.completion_start_time langfuse.observation.cost_details langfuse.observation.level
  langfuse.observation.model.name langfuse.observation.model.parameters langfuse.observation.prompt.name
  langfuse.observation.prompt.version langfuse.observation.status_message langfuse.observation.type
  langfuse.observation.usage_details langfuse.release langfuse.session.id langfuse.trace.name langfuse.trace.tags
  langfuse.user.id langfuse.version
  llm.cost.total llm.finish_reason llm.invocation_parameters llm.is_streaming llm.model_name
  llm.prompt_template.version llm.provider llm.request.model_name llm.request.type llm.response.model_name
  llm.system llm.token_count.completion llm.token_count.completion_details.audio
  llm.token_count.completion_details.image llm.token_count.prompt_details.image
  llm.token_count.completion_details.reasoning llm.token_count.prompt llm.token_count.prompt_details.audio
  llm.token_count.prompt_details.cache_read llm.token_count.prompt_details.cache_write llm.token_count.total
  llm.usage.total_tokens
  metadata openai.response.service_tier openinference.span.kind resource.name session.id tag.tags team team.id
  telemetry.sdk.name tenant.id tool.name
  traceloop.entity.name traceloop.prompt.key traceloop.prompt.version traceloop.span.kind traceloop.workflow.name
  user.id`;

/** Attributes that no rule needs and that are not missed: settings of a request, sums we make ourselves. */
const unneeded = `
  ai.prompt.toolChoice ai.response.avgOutputTokensPerSecond ai.response.msToFinish ai.response.timestamp
  ai.usage.outputTokenDetails.textTokens
  anthropic.request.id anthropic.usage.cache_creation.ephemeral_5m_input_tokens
  gen_ai.agent.description gen_ai.agent.id gen_ai.agent.version gen_ai.client.operation.duration
  gen_ai.data_source.id gen_ai.embeddings.dimension.count gen_ai.execute_tool.duration gen_ai.output.type
  gen_ai.request.encoding_formats gen_ai.request.frequency_penalty
  gen_ai.request.presence_penalty gen_ai.request.seed gen_ai.request.stop_sequences
  gen_ai.request.temperature gen_ai.request.top_k gen_ai.request.top_p gen_ai.sdk.version
  gen_ai.server.time_per_output_token gen_ai.tool.description gen_ai.tool.type gen_ai.usage.text.input_tokens
  gen_ai.usage.text.output_tokens
  input.mime_type langfuse.internal.is_app_root openai.api.type openai.response.system_fingerprint
  openlit.agent.version_hash operation.name output.mime_type traceloop.entity.path traceloop.entity.version`;

/**
 * Families: where applications put values of their own, JSON and numbered keys that are read by pattern, and whatever else
 * OpenTelemetry has conventions for, which is kept on the span and is no business of the mapping.
 */
const families = `
  ai.request.headers. ai.settings. ai.telemetry.metadata. driftline. evaluations. annotations. trace.evaluations.
  trace.annotations. session.evaluations. session.annotations. gen_ai.evaluation. langfuse.observation.metadata.
  langfuse.trace.metadata. traceloop.association.properties.
  aws. azure. browser. client. cloud. code. container. db. deployment. dns. enduser. error. event. exception. faas.
  feature_flag. graphql. host. http. k8s. log. messaging. network. net. os. otel. peer. process. rpc. server. service.
  source. destination. sampling. span. system. telemetry. thread. tls. url. user_agent.`;

const words = (text: string) => text.trim().split(/\s+/);
/** Attributes of spans that a rule of `collector/request` reads by name; a test holds the list against the code. */
export const readKeys: readonly string[] = words(readList);
const exact: ReadonlySet<string> = new Set([...readKeys, ...words(unneeded)]);
const byFirstWord = new Map<string, string[]>();
for (const family of words(families)) {
  const first = family.slice(0, family.indexOf('.') + 1);
  byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), family]);
}

/** Whether a span's attribute is read by some rule, holds content, or is known not to be needed. */
export function isMappedKey(key: string): boolean {
  if (exact.has(key)) return true;
  const family = byFirstWord.get(key.slice(0, key.indexOf('.') + 1));
  return family?.some(prefix => key.startsWith(prefix)) || isContentKey(key);
}
