import { type Attributes, type Context, type Span, SpanKind } from '@opentelemetry/api';
import type { Purpose } from './even.ts';
import { even, evenChance, evenLogNormal, inSpan, type Request } from './request.ts';

/** A model as the demo application uses it. Latency is `base + per token` with a log-normal factor around 1. */
export interface Model {
  provider: string;
  name: string;
  /** What the provider answers with; carries a date where that provider does so. */
  responseName: string;
  host: string;
  idPrefix: string;
  firstChunkMs: number;
  msPerToken: number;
}

export interface Message {
  role: 'user' | 'assistant' | 'tool';
  parts: Record<string, unknown>[];
  finish_reason?: string;
}

/** Tokens of one call, subsets included in their wholes. */
export interface Usage {
  input: number;
  cacheRead?: number;
  cacheWrite?: number;
  output: number;
  reasoning?: number;
}

export interface ChatCall {
  model: Model;
  prompt: { name: string; version: string };
  system: string;
  input: Message[];
  output: Message;
  finishReason: 'stop' | 'tool_calls' | 'end_turn' | 'tool_use';
  usage: Usage;
  maxTokens: number;
}

export interface Answered {
  span: Span;
  context: Context;
  responseId: string;
}

/** A provider that refused or did not answer in time. */
export class ProviderError extends Error {
  readonly httpStatus: number;

  constructor(type: string, httpStatus: number, message: string) {
    super(message);
    this.name = type;
    this.httpStatus = httpStatus;
  }
}

const FAILURE_SHARE = 0.012;
const RETRY_PAUSE_MS = 800;
const LATENCY_SIGMA = 0.35;
const INPUT_SIGMA = 0.3;

export const text = (content: string) => ({ type: 'text', content });

/** Calls the model and tries once more after a failure, each try with its own span, as thin wrappers around SDKs do. */
export async function chat(request: Request, parent: Context, call: ChatCall): Promise<Answered> {
  try {
    return await attempt(request, parent, call, 'failure');
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    await request.clock.sleep(request.random.logNormal(RETRY_PAUSE_MS, 0.2));
    return await attempt(request, parent, call, 'second-failure');
  }
}

async function attempt(
  request: Request,
  parent: Context,
  call: ChatCall,
  failure: Purpose,
): Promise<Answered> {
  const { model } = call;
  const { clock, random } = request;
  const step = {
    name: `chat ${model.name}`,
    kind: SpanKind.CLIENT,
    parent,
    attributes: asked(request, call),
  };
  return inSpan(request, step, async (span, context) => {
    await failSometimes(request, span, failure);
    const pace = evenLogNormal(request, 'pace', 1, LATENCY_SIGMA);
    const firstChunkMs = model.firstChunkMs * pace;
    await clock.sleep(firstChunkMs + call.usage.output * model.msPerToken * pace);
    const responseId = `${model.idPrefix}${random.hex(12)}`;
    span.setAttributes({
      'gen_ai.response.model': model.responseName,
      'gen_ai.response.id': responseId,
      'gen_ai.response.finish_reasons': [call.finishReason],
      'gen_ai.response.time_to_first_chunk': firstChunkMs / 1000,
      ...usageAttributes(call.usage),
    });
    if (request.content) span.setAttribute('gen_ai.output.messages', JSON.stringify([call.output]));
    return { span, context, responseId };
  });
}

function asked(request: Request, { model, prompt, maxTokens, system, input }: ChatCall): Attributes {
  const attributes: Attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': model.provider,
    'gen_ai.request.model': model.name,
    'gen_ai.request.max_tokens': maxTokens,
    'gen_ai.request.stream': true,
    'gen_ai.prompt.name': prompt.name,
    'gen_ai.prompt.version': prompt.version,
    'server.address': model.host,
    'server.port': 443,
  };
  if (!request.content) return attributes;
  return {
    ...attributes,
    'gen_ai.system_instructions': JSON.stringify([text(system)]),
    'gen_ai.input.messages': JSON.stringify(input),
  };
}

function usageAttributes({ input, output, cacheRead, cacheWrite, reasoning }: Usage): Attributes {
  const attributes: Attributes = { 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output };
  if (cacheRead !== undefined) attributes['gen_ai.usage.cache_read.input_tokens'] = cacheRead;
  if (cacheWrite !== undefined) attributes['gen_ai.usage.cache_write.input_tokens'] = cacheWrite;
  if (reasoning !== undefined) attributes['gen_ai.usage.reasoning.output_tokens'] = reasoning;
  return attributes;
}

async function failSometimes(request: Request, span: Span, failure: Purpose): Promise<void> {
  const { random, clock } = request;
  if (!evenChance(request, failure, FAILURE_SHARE)) return;
  const error = random.weighted([
    [new ProviderError('rate_limit_exceeded', 429, 'Rate limit reached for requests per minute'), 5],
    [new ProviderError('overloaded', 529, 'The model is overloaded, try again later'), 3],
    [new ProviderError('timeout', 504, 'No response within 30 s'), 1],
  ] as const);
  await clock.sleep(error.name === 'timeout' ? 30_000 : random.logNormal(220, 0.4));
  span.setAttribute('http.response.status_code', error.httpStatus);
  throw error;
}

export interface Embedding {
  model: Model;
  tokens: number;
  parent: Context;
}

export async function embed(request: Request, { model, tokens, parent }: Embedding): Promise<void> {
  const attributes = {
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': model.provider,
    'gen_ai.request.model': model.name,
    'server.address': model.host,
    'server.port': 443,
  };
  const step = { name: `embeddings ${model.name}`, kind: SpanKind.CLIENT, parent, attributes };
  await inSpan(request, step, async span => {
    await request.clock.sleep(evenLogNormal(request, 'embedding', model.firstChunkMs, LATENCY_SIGMA));
    span.setAttributes({ 'gen_ai.response.model': model.responseName, 'gen_ai.usage.input_tokens': tokens });
  });
}

/** Tokens of a prompt with a fixed part that the provider caches in `cachedShare` of the calls. */
export function promptTokens(request: Request, fixed: number, variableMedian: number, cachedShare: number) {
  const input = fixed + Math.round(evenLogNormal(request, 'input', variableMedian, INPUT_SIGMA));
  const cacheRead = even(request, 'cached') < cachedShare ? Math.floor(fixed / 128) * 128 : 0;
  return { input, cacheRead };
}
