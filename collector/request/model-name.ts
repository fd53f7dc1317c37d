import { field, firstText, inJson, type Reading } from './reading.ts';
import { remember } from './remember.ts';

const requestModel = field({
  gen_ai: ['gen_ai.request.model'],
  openinference: [
    'llm.request.model_name',
    inJson('llm.invocation_parameters', 'model'),
    inJson('input.value', 'model'),
    'embedding.model_name',
  ],
  vercel_ai: ['gen_ai.request.model', 'ai.model.id'],
  langfuse: ['langfuse.observation.model.name'],
});

const responseModel = field({
  gen_ai: ['gen_ai.response.model'],
  openinference: ['llm.response.model_name', 'llm.model_name'],
  vercel_ai: ['gen_ai.response.model', 'ai.response.model'],
  langfuse: ['langfuse.observation.model.name'],
});

/** The model that was asked for, as sent. */
export function requestModelOf(reading: Reading): string | undefined {
  return firstText(reading, requestModel[reading.column]);
}

/** The model that answered, as sent. */
export function responseModelOf(reading: Reading): string | undefined {
  return firstText(reading, responseModel[reading.column]);
}

/** Cross-region inference profiles of Bedrock. */
const REGION = /^(us|eu|apac|au|jp|ca|sa|us-gov|global)\.(?=[a-z0-9]+\.)/;
/** Bedrock's vendors; a fixed list, since a dot also stands in `gpt-4.1`. */
const VENDOR = /^(anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|writer|google|stability)\./;
/** `@20250929` or `@default` of Vertex. */
const AT_VERSION = /@[\w.-]+$/;
/** `-2024-07-18` or `-20250929`, with Bedrock's revision behind it. */
const DATE = /-20\d{2}-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(-v\d+(:\d+)?)?$/;
/** Bedrock's first revision says nothing; a later one (`titan-embed-text-v2:0`) is part of the name. */
const REVISION = /(-v1)?:\d+$/;

/**
 * The model as people speak of it: lower case, without path or vendor, region, `@version` and date, so that
 * `us.anthropic.claude-sonnet-4-5-20250929-v1:0` and `claude-sonnet-4-5` are one line of a chart.
 */
export const canonicalModel = remember((model: string): string => {
  const name = lastSegment(model.trim().toLowerCase());
  const decorations = [REGION, VENDOR, AT_VERSION, DATE, REVISION];
  return decorations.reduce((rest, decoration) => rest.replace(decoration, ''), name) || name;
});

// `openai/gpt-4o`, `models/gemini-2.5-pro`, `accounts/fireworks/models/llama-v3p1-70b`.
function lastSegment(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1) || model;
}
