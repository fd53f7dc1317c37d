import { placeOf } from './places.ts';
import { asText, dig, field, firstNumber, firstText, inJson, type Reading } from './reading.ts';

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

/** The tool a tool span executed. */
export function toolNameOf(reading: Reading): string {
  return firstText(reading, toolName[reading.column]) ?? reading.span.name;
}
