import { expect, test } from 'vitest';
import { canonicalModel } from './model-name.ts';
import { inferProvider, normalProvider } from './provider.ts';

test.each([
  ['gpt-4o-mini-2024-07-18', 'gpt-4o-mini'],
  ['gpt-4.1', 'gpt-4.1'],
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
  ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
  ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'claude-3-5-sonnet'],
  ['global.anthropic.claude-sonnet-5-v1:0', 'claude-sonnet-5'],
  ['amazon.titan-embed-text-v2:0', 'titan-embed-text-v2'],
  ['openai/gpt-4o', 'gpt-4o'],
  ['openrouter/openai/gpt-4o', 'gpt-4o'],
  ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
  ['GPT-4o', 'gpt-4o'],
  ['embed-english-v3.0', 'embed-english-v3.0'],
  ['llama3.1:8b', 'llama3.1:8b'],
  ['grok-4.20-0309-reasoning', 'grok-4.20-0309-reasoning'],
  ['20250929', '20250929'],
  ['', ''],
])('%s is spoken of as %s', (sent, spoken) => {
  expect(canonicalModel(sent)).toBe(spoken);
});

test.each([
  ['az.ai.openai', 'azure.ai.openai'],
  ['azure', 'azure.ai.openai'],
  ['azure.ai.inference', 'azure.ai.inference'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['google', 'gcp.gemini'],
  ['google.vertex.chat', 'gcp.vertex_ai'],
  ['xai', 'x_ai'],
  ['MistralAI', 'mistral_ai'],
  ['aws_bedrock', 'aws.bedrock'],
  ['moonshot', 'moonshot_ai'],
  ['openai.chat', 'openai'],
  ['openai.responses', 'openai'],
  ['anthropic.messages', 'anthropic'],
  ['langchain', undefined],
  ['constructor', 'constructor'],
])('provider %s is %s', (sent, name) => {
  expect(normalProvider(sent)).toBe(name);
});

test.each([
  ['gpt-4o-mini', 'openai'],
  ['o4-mini', 'openai'],
  ['openai/gpt-5', 'openai'],
  ['claude-opus-5', 'anthropic'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'aws.bedrock'],
  ['gemini-2.5-flash', 'gcp.gemini'],
  ['llama-3.3-70b', undefined],
  [undefined, undefined],
])('model %s is served by %s', (model, name) => {
  expect(inferProvider(model)).toBe(name);
});
