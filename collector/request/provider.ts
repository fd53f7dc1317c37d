import { entry, field, firstText, inJson, type Reading } from './reading.ts';
import { remember } from './remember.ts';

const names = field({
  gen_ai: ['gen_ai.provider.name', 'gen_ai.system'],
  openinference: ['llm.provider', 'llm.system', inJson('metadata', 'ls_provider')],
  vercel_ai: ['gen_ai.system', 'ai.model.provider'],
  langfuse: [],
});

/** Older and local names of the providers of the conventions. */
const aliases: Record<string, string> = {
  'az.ai.openai': 'azure.ai.openai',
  azure: 'azure.ai.openai',
  azure_openai: 'azure.ai.openai',
  'az.ai.inference': 'azure.ai.inference',
  vertex_ai: 'gcp.vertex_ai',
  vertexai: 'gcp.vertex_ai',
  'google.vertex': 'gcp.vertex_ai',
  gemini: 'gcp.gemini',
  google: 'gcp.gemini',
  'google.generative-ai': 'gcp.gemini',
  xai: 'x_ai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  bedrock: 'aws.bedrock',
  'amazon-bedrock': 'aws.bedrock',
  aws_bedrock: 'aws.bedrock',
  aws: 'aws.bedrock',
  moonshot: 'moonshot_ai',
};

/** Names with a dot that are whole; any other is cut at the first dot (`openai.chat`, `anthropic.messages`). */
const dotted = /^(aws|azure|gcp|ibm)\./;

/** Sent as provider on chains, tools and workflows, but nobody bills for them. */
const frameworks = new Set([
  'langchain',
  'langgraph',
  'llamaindex',
  'llama_index',
  'llama-index',
  'crewai',
  'haystack',
  'autogen',
  'dspy',
  'semantic_kernel',
  'vercel',
  'openai_agents',
  'mcp',
]);

/** How model names begin, for senders that name no provider. Open weights are hosted by many: not listed. */
const families: readonly [RegExp, string][] = [
  [/^((us|eu|apac|au|jp|global)\.)?(anthropic|amazon|meta|mistral|cohere|ai21)\./, 'aws.bedrock'],
  [/^(gpt-|chatgpt-|o[134](-|$)|text-embedding-|davinci|babbage|whisper|dall-e|tts-)/, 'openai'],
  [/^claude/, 'anthropic'],
  [/^gemini/, 'gcp.gemini'],
  [/^(mistral|ministral|magistral|codestral|pixtral|devstral)/, 'mistral_ai'],
  [/^deepseek/, 'deepseek'],
  [/^grok/, 'x_ai'],
  [/^(command|embed-(english|multilingual)|rerank-)/, 'cohere'],
  [/^(kimi|moonshot)/, 'moonshot_ai'],
  [/^sonar/, 'perplexity'],
];

/** Who served the model, in the words of the conventions; from the model's name when the sender does not say. */
export function providerOf(reading: Reading, model: string | undefined): string | undefined {
  const sent = firstText(reading, names[reading.column]);
  return (sent === undefined ? undefined : normalProvider(sent)) ?? inferProvider(model);
}

/** A provider name in the words of the conventions; undefined for a framework, which is no provider. */
export const normalProvider = remember((name: string): string | undefined => {
  const lower = name.trim().toLowerCase();
  const known = entry(aliases, lower) ?? entry(aliases, lower.split('.').slice(0, 2).join('.'));
  const cut = dotted.test(lower) ? lower : (lower.split('.')[0] ?? lower);
  const provider = known ?? entry(aliases, cut) ?? cut;
  return frameworks.has(provider) ? undefined : provider;
});

/** The provider whose models are named like this; undefined when several host it. */
export function inferProvider(model: string | undefined): string | undefined {
  const name = model?.toLowerCase();
  if (!name) return undefined;
  const bare = name.slice(name.lastIndexOf('/') + 1);
  return families.find(([pattern]) => pattern.test(bare))?.[1];
}
