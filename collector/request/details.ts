import { placeOf } from './places.ts';
import { asText, dig, field, firstCount, firstNumber, firstText, inJson, type Reading } from './reading.ts';

// LangChain's answer hides the provider's id; its own `run-…` ids mean nothing to anybody else.
const LANGCHAIN_ID = ['generations', 0, 0, 'message', 'kwargs', 'id'];

const outputValue = placeOf('output.value');

const responseId = field({
  gen_ai: ['gen_ai.response.id'],
  openinference: [
    inJson('output.value', 'id'),
    reading => asText(dig(reading.json(outputValue), LANGCHAIN_ID))?.replace(/^(lc_)?run-.*/, ''),
  ],
  vercel_ai: ['gen_ai.response.id', 'ai.response.id'],
  langfuse: [],
});

const serviceTier = field({
  gen_ai: [
    'openai.response.service_tier',
    'gen_ai.openai.response.service_tier',
    'anthropic.response.service_tier',
    inJson('ai.response.providerMetadata', 'openai', 'serviceTier'),
    inJson('ai.response.providerMetadata', 'anthropic', 'usage', 'service_tier'),
    'gen_ai.request.service_tier',
  ],
  openinference: [],
  vercel_ai: [
    inJson('ai.response.providerMetadata', 'openai', 'serviceTier'),
    inJson('ai.response.providerMetadata', 'anthropic', 'usage', 'service_tier'),
  ],
  langfuse: [inJson('langfuse.observation.model.parameters', 'service_tier')],
});

const clientCostUsd = field({
  gen_ai: ['gen_ai.usage.cost', 'gen_ai.usage.total_cost'],
  openinference: ['llm.cost.total'],
  vercel_ai: [],
  langfuse: [inJson('langfuse.observation.cost_details', 'total')],
});

const PROVIDER_METADATA = 'ai.response.providerMetadata';
const anthropicSearches = inJson(
  PROVIDER_METADATA,
  'anthropic',
  'usage',
  'server_tool_use',
  'web_search_requests',
);

const images = field({
  gen_ai: ['driftline.usage.images'],
  openinference: ['driftline.usage.images'],
  vercel_ai: ['driftline.usage.images'],
  langfuse: [inJson('langfuse.observation.usage_details', 'images')],
});

const searches = field({
  gen_ai: [
    'driftline.usage.searches',
    'gen_ai.usage.web_search_requests',
    'gen_ai.usage.server_tool_use.web_search_requests',
    'anthropic.usage.server_tool_use.web_search_requests',
    anthropicSearches,
  ],
  openinference: [
    'driftline.usage.searches',
    inJson('output.value', 'usage', 'server_tool_use', 'web_search_requests'),
  ],
  vercel_ai: ['driftline.usage.searches', anthropicSearches],
  langfuse: [
    inJson('langfuse.observation.usage_details', 'web_search_requests'),
    inJson('langfuse.observation.usage_details', 'server_tool_use_web_search_requests'),
  ],
});

// Cohere's word for what a rerank costs.
const rerankUnits = field({
  gen_ai: ['driftline.usage.rerank_units', 'gen_ai.usage.search_units'],
  openinference: [
    'driftline.usage.rerank_units',
    inJson('output.value', 'meta', 'billed_units', 'search_units'),
  ],
  vercel_ai: ['driftline.usage.rerank_units', 'gen_ai.usage.search_units'],
  langfuse: [inJson('langfuse.observation.usage_details', 'search_units')],
});

const limitNames = ['max_completion_tokens', 'max_output_tokens', 'max_tokens', 'maxOutputTokens'];

const maxOutput = field({
  gen_ai: ['gen_ai.request.max_tokens'],
  openinference: limitNames.map(name => inJson('llm.invocation_parameters', name)),
  vercel_ai: ['gen_ai.request.max_tokens', 'ai.settings.maxOutputTokens', 'ai.settings.maxTokens'],
  langfuse: limitNames.map(name => inJson('langfuse.observation.model.parameters', name)),
});

const choiceCount = field({
  gen_ai: ['gen_ai.request.choice.count'],
  openinference: [inJson('llm.invocation_parameters', 'n')],
  vercel_ai: [],
  langfuse: [inJson('langfuse.observation.model.parameters', 'n')],
});

const toolName = field({
  gen_ai: ['gen_ai.tool.name', 'traceloop.entity.name'],
  openinference: ['tool.name', reading => reading.span.name],
  vercel_ai: ['ai.toolCall.name'],
  langfuse: [reading => reading.span.name],
});

/** The provider's id of the answer. */
export function responseIdOf(reading: Reading): string | undefined {
  return firstText(reading, responseId[reading.column]);
}

/** The price class the provider served the call in, as sent (`default`, `flex`, `priority`, `batch`, …). */
export function serviceTierOf(reading: Reading): string | undefined {
  return firstText(reading, serviceTier[reading.column]);
}

/** What the sender's library thinks the call cost. 0 means that it does not know, not that it was free. */
export function clientCostOf(reading: Reading): number | undefined {
  const usd = firstNumber(reading, clientCostUsd[reading.column]);
  return usd !== undefined && usd > 0 ? usd : undefined;
}

/** What is billed by the piece; a count that nobody tells is undefined, and so is the whole when none is told. */
export function piecesOf(reading: Reading) {
  const pictures = firstCount(reading, images[reading.column]);
  const lookedUp = firstCount(reading, searches[reading.column]);
  const units = firstCount(reading, rerankUnits[reading.column]);
  if (pictures === undefined && lookedUp === undefined && units === undefined) return undefined;
  return { images: pictures, searches: lookedUp, rerankUnits: units };
}

/** The most tokens the request allowed its answers together, and how many it asked for. A limit of 0 is none. */
export function outputAskedOf(reading: Reading): { most: number | undefined; answers: number } {
  const limit = firstCount(reading, maxOutput[reading.column]);
  const answers = firstCount(reading, choiceCount[reading.column]) || 1;
  return { most: limit ? limit * answers : undefined, answers };
}

/** The tool a tool span executed. */
export function toolNameOf(reading: Reading): string {
  return firstText(reading, toolName[reading.column]) ?? reading.span.name;
}
