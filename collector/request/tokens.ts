import type { Dialect, TokenFacts } from './facts.ts';
import { placeOf } from './places.ts';
import {
  asCount,
  dig,
  type Field,
  field,
  firstCount,
  firstFlag,
  inJson,
  type LookUp,
  type Reading,
  sources,
} from './reading.ts';

const PROVIDER_METADATA = 'ai.response.providerMetadata';

const input = field({
  gen_ai: ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
  openinference: ['llm.token_count.prompt'],
  vercel_ai: [
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'gen_ai.usage.input_tokens',
    'ai.usage.tokens',
  ],
  langfuse: [reading => sumOf(reading, key => key === 'input' || isInputDetail(key))],
});

const cacheRead = field({
  gen_ai: ['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens'],
  openinference: ['llm.token_count.prompt_details.cache_read'],
  vercel_ai: [
    'ai.usage.inputTokenDetails.cacheReadTokens',
    'ai.usage.cachedInputTokens',
    inJson(PROVIDER_METADATA, 'anthropic', 'usage', 'cache_read_input_tokens'),
    inJson(PROVIDER_METADATA, 'openai', 'cachedPromptTokens'),
    inJson(PROVIDER_METADATA, 'bedrock', 'usage', 'cacheReadInputTokens'),
  ],
  langfuse: usageDetails('input_cached_tokens', 'input_cache_read', 'cache_read_input_tokens'),
});

const cacheWrite = field({
  gen_ai: [
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
  ],
  openinference: ['llm.token_count.prompt_details.cache_write'],
  vercel_ai: [
    'ai.usage.inputTokenDetails.cacheWriteTokens',
    inJson(PROVIDER_METADATA, 'anthropic', 'usage', 'cache_creation_input_tokens'),
    inJson(PROVIDER_METADATA, 'bedrock', 'usage', 'cacheWriteInputTokens'),
  ],
  langfuse: [reading => sumOf(reading, key => CACHE_WRITE_DETAIL.test(key))],
});

const cacheWrite1h = field({
  gen_ai: [
    'anthropic.usage.cache_creation.ephemeral_1h_input_tokens',
    inJson(PROVIDER_METADATA, 'anthropic', 'usage', 'cache_creation', 'ephemeral_1h_input_tokens'),
  ],
  openinference: [],
  vercel_ai: [inJson(PROVIDER_METADATA, 'anthropic', 'usage', 'cache_creation', 'ephemeral_1h_input_tokens')],
  langfuse: usageDetails('input_cache_creation_1h'),
});

const output = field({
  gen_ai: ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
  openinference: ['llm.token_count.completion'],
  vercel_ai: ['ai.usage.outputTokens', 'ai.usage.completionTokens', 'gen_ai.usage.output_tokens'],
  langfuse: [reading => sumOf(reading, key => key === 'output' || key.startsWith('output_'))],
});

const reasoning = field({
  gen_ai: [
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'ai.usage.outputTokenDetails.reasoningTokens',
  ],
  openinference: ['llm.token_count.completion_details.reasoning'],
  vercel_ai: ['ai.usage.outputTokenDetails.reasoningTokens', 'ai.usage.reasoningTokens'],
  langfuse: usageDetails('output_reasoning_tokens', 'output_reasoning'),
});

// `promptTokensDetails` and the like of Gemini: `[{modality: 'IMAGE', tokenCount: 258}, …]`.
function googleModality(details: string, modality: string): LookUp {
  const place = placeOf(PROVIDER_METADATA);
  return reading => {
    const counts = dig(reading.json(place), ['google', 'usageMetadata', details]);
    if (!Array.isArray(counts)) return undefined;
    return dig(
      counts.find(count => dig(count, ['modality']) === modality),
      ['tokenCount'],
    );
  };
}

const audioInput = field({
  gen_ai: ['gen_ai.usage.audio.input_tokens'],
  openinference: ['llm.token_count.prompt_details.audio'],
  vercel_ai: [googleModality('promptTokensDetails', 'AUDIO')],
  langfuse: usageDetails('input_audio_tokens'),
});

const audioOutput = field({
  gen_ai: ['gen_ai.usage.audio.output_tokens'],
  openinference: ['llm.token_count.completion_details.audio'],
  vercel_ai: [googleModality('candidatesTokensDetails', 'AUDIO')],
  langfuse: usageDetails('output_audio_tokens'),
});

const imageInput = field({
  gen_ai: ['gen_ai.usage.image.input_tokens'],
  openinference: ['llm.token_count.prompt_details.image'],
  vercel_ai: [googleModality('promptTokensDetails', 'IMAGE')],
  langfuse: usageDetails('input_image_tokens', 'input_image'),
});

const imageOutput = field({
  gen_ai: ['gen_ai.usage.image.output_tokens'],
  openinference: ['llm.token_count.completion_details.image'],
  vercel_ai: [googleModality('candidatesTokensDetails', 'IMAGE')],
  langfuse: usageDetails('output_image_tokens', 'output_image'),
});

// Never trusted next to real counts: T computes it from an input without cached tokens.
const total = field({
  gen_ai: ['gen_ai.usage.total_tokens', 'llm.usage.total_tokens'],
  openinference: ['llm.token_count.total'],
  vercel_ai: ['ai.usage.totalTokens'],
  langfuse: usageDetails('total'),
});

const kinds: readonly [keyof TokenFacts, Field][] = [
  ['input', input],
  ['cacheRead', cacheRead],
  ['cacheWrite', cacheWrite],
  ['cacheWrite1h', cacheWrite1h],
  ['output', output],
  ['reasoning', reasoning],
  ['audioInput', audioInput],
  ['audioOutput', audioOutput],
  ['imageInput', imageInput],
  ['imageOutput', imageOutput],
  ['total', total],
];

const details = placeOf('langfuse.observation.usage_details');
const noCacheTokens = placeOf('ai.usage.inputTokenDetails.noCacheTokens');

const CACHE_WRITE_DETAIL = /^(input_cache_creation|input_cache_write|cache_creation_input_tokens)/;

const saidEstimated = sources(
  'gen_ai.usage.estimated',
  'gen_ai.usage.token_count_estimated',
  'driftline.usage.estimated',
);
const isStream = sources('gen_ai.request.stream', 'llm.is_streaming');

/** The usage a span reports, with input including cache, and notes on how it was read; null without any. */
export function tokensOf(
  reading: Reading,
  provider: string | undefined,
  model: string | undefined,
): { tokens: TokenFacts; flags: string[] } | null {
  const tokens = countsOf(reading);
  if (Object.keys(tokens).length === 0) return null;
  const flags: string[] = [];
  if (tokens.input !== undefined && excludesCache(reading, tokens, provider, model)) {
    tokens.input += cached(tokens);
    if (cached(tokens) > 0) flags.push('cache_added_to_input');
  }
  if (isEstimate(reading, provider)) flags.push('estimated_tokens');
  if (subsetExceedsWhole(tokens)) flags.push('subset_exceeds_whole');
  return { tokens, flags };
}

/** Whether any usage was reported that can be counted: details without a whole cannot. */
export function hasUsage(tokens: TokenFacts | undefined): boolean {
  return tokens?.input !== undefined || tokens?.output !== undefined || tokens?.total !== undefined;
}

function countsOf(reading: Reading): TokenFacts {
  const counts: TokenFacts = {};
  for (const [kind, sources] of kinds) {
    const count = firstCount(reading, sources[reading.column]);
    if (count !== undefined) counts[kind] = count;
  }
  if (counts.input !== undefined || counts.output !== undefined) delete counts.total;
  return counts;
}

/** Section 4 of the mapping: is this input what is left after the cached tokens? */
function excludesCache(
  reading: Reading,
  tokens: TokenFacts,
  provider: string | undefined,
  model: string | undefined,
): boolean {
  // Langfuse keeps them apart too, but its column already sums every input key.
  if (reading.column === 'langfuse') return false;
  if (reading.values[noCacheTokens] !== undefined) return false;
  if (cached(tokens) > (tokens.input ?? 0)) return true;
  return countsOutside(provider, model) && passesThrough(reading.dialect, reading.span.scope.name);
}

// OpenLLMetry counts the words of OpenAI's streams itself, and with another tokenizer than the one that bills.
function isEstimate(reading: Reading, provider: string | undefined): boolean {
  if (firstFlag(reading, saidEstimated) === true) return true;
  return reading.dialect === 'traceloop' && provider === 'openai' && firstFlag(reading, isStream) === true;
}

// Anthropic counts cached tokens outside its input, on its own API and on Bedrock and Vertex.
function countsOutside(provider: string | undefined, model: string | undefined): boolean {
  return provider === 'anthropic' || /claude/i.test(model ?? '');
}

// These hand on the provider's number unchanged; the others add the cached tokens themselves.
function passesThrough(dialect: Dialect, scopeName: string): boolean {
  return dialect === 'vercel_ai' || scopeName.startsWith('@traceloop/') || scopeName.startsWith('@openlit/');
}

function cached(tokens: TokenFacts): number {
  return (tokens.cacheRead ?? 0) + (tokens.cacheWrite ?? 0);
}

function subsetExceedsWhole(tokens: TokenFacts): boolean {
  const over = (subset: number | undefined, whole: number | undefined) =>
    subset !== undefined && whole !== undefined && subset > whole;
  return (
    over(cached(tokens), tokens.input) ||
    over(tokens.audioInput, tokens.input) ||
    over(tokens.imageInput, tokens.input) ||
    over(tokens.imageOutput, tokens.output) ||
    over(tokens.reasoning, tokens.output) ||
    over(tokens.audioOutput, tokens.output) ||
    over(tokens.cacheWrite1h, tokens.cacheWrite)
  );
}

function usageDetails(...keys: string[]): LookUp[] {
  return keys.map(key => inJson('langfuse.observation.usage_details', key));
}

// Langfuse's own sum treats every key that speaks of input as apart from the others.
function isInputDetail(key: string): boolean {
  return (
    key.startsWith('input_') || key === 'cache_read_input_tokens' || key === 'cache_creation_input_tokens'
  );
}

function sumOf(reading: Reading, wanted: (key: string) => boolean): number | undefined {
  const counted = reading.json(details);
  if (typeof counted !== 'object' || counted === null) return undefined;
  const counts = Object.keys(counted)
    .filter(wanted)
    .map(key => asCount(dig(counted, [key])))
    .filter(count => count !== undefined);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
