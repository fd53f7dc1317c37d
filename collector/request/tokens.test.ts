import { describe, expect, test } from 'vitest';
import { aSpan } from '../../test/support/telemetry.ts';
import type { Attributes } from '../telemetry.ts';
import { describeSpan } from './describe.ts';

const scope = (name: string) => ({ name, version: '1.0.0' });

function tokens(attributes: Attributes, scopeName = 'acme') {
  return describeSpan(aSpan({ attributes, scope: scope(scopeName) })).tokens;
}

// One Anthropic call, as in section 4 of the mapping: 130 uncached, 64 read from and 30 written to the cache.
describe('input counts cached tokens, whoever sends it', () => {
  const anthropic = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.usage.cache_read.input_tokens': '64',
    'gen_ai.usage.output_tokens': '41',
  };
  const metadata = JSON.stringify({
    anthropic: {
      usage: {
        cache_read_input_tokens: 64,
        cache_creation_input_tokens: 30,
        cache_creation: { ephemeral_1h_input_tokens: 10 },
      },
    },
  });
  const vercel = {
    'ai.operationId': 'ai.generateText.doGenerate',
    'gen_ai.system': 'anthropic.messages',
    'ai.response.providerMetadata': metadata,
  };

  test.each<[string, Attributes, string]>([
    [
      'conventions',
      { ...anthropic, 'gen_ai.usage.input_tokens': '224', 'gen_ai.usage.cache_creation.input_tokens': '30' },
      'acme',
    ],
    [
      'newest conventions',
      { ...anthropic, 'gen_ai.usage.input_tokens': '224', 'gen_ai.usage.cache_write.input_tokens': '30' },
      'com.anthropic.sdk.typescript',
    ],
    [
      'Traceloop',
      { ...anthropic, 'gen_ai.usage.input_tokens': '130', 'gen_ai.usage.cache_creation.input_tokens': '30' },
      '@traceloop/instrumentation-anthropic',
    ],
    [
      'OpenLIT',
      { ...anthropic, 'gen_ai.usage.input_tokens': '130', 'gen_ai.usage.cache_creation_input_tokens': '30' },
      '@openlit/instrumentation-anthropic',
    ],
    ['AI SDK 5', { ...vercel, 'ai.usage.inputTokens': '130', 'ai.usage.cachedInputTokens': '64' }, 'ai'],
    ['AI SDK 5, generateText', { ...vercel, 'ai.usage.promptTokens': '130' }, 'ai'],
    [
      'AI SDK 6',
      {
        ...vercel,
        'ai.usage.inputTokens': '224',
        'ai.usage.inputTokenDetails.noCacheTokens': '130',
        'ai.usage.inputTokenDetails.cacheReadTokens': '64',
        'ai.usage.inputTokenDetails.cacheWriteTokens': '30',
      },
      'ai',
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.provider': 'anthropic',
        'llm.token_count.prompt': '224',
        'llm.token_count.prompt_details.cache_read': '64',
        'llm.token_count.prompt_details.cache_write': '30',
      },
      'openinference',
    ],
    [
      'Langfuse',
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.model.name': 'claude-sonnet-4-5',
        'langfuse.observation.usage_details': JSON.stringify({
          input: 130,
          input_cached_tokens: 64,
          input_cache_creation: 30,
        }),
      },
      'langfuse-sdk',
    ],
  ])('%s', (_sender, attributes, scopeName) => {
    expect(tokens(attributes, scopeName)).toMatchObject({ input: 224, cacheRead: 64, cacheWrite: 30 });
  });

  test('a cache larger than the input proves that the input leaves it out', () => {
    const span = aSpan({
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': '10',
        'gen_ai.usage.cache_read.input_tokens': '64',
      },
    });
    expect(describeSpan(span)).toMatchObject({
      tokens: { input: 74, cacheRead: 64 },
      flags: ['cache_added_to_input'],
    });
  });
});

test('Langfuse keeps every kind apart; the whole is their sum', () => {
  const details = { input: 66, input_cached_tokens: 64, output: 25, output_reasoning_tokens: 16, total: 171 };
  const attributes = {
    'langfuse.observation.type': 'generation',
    'langfuse.observation.usage_details': JSON.stringify(details),
  };
  expect(tokens(attributes)).toEqual({ input: 130, cacheRead: 64, output: 41, reasoning: 16 });
});

test('older keys stay readable', () => {
  const attributes = {
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'gpt-4',
    'gen_ai.usage.prompt_tokens': '5',
    'gen_ai.usage.completion_tokens': '7',
  };
  expect(tokens(attributes)).toEqual({ input: 5, output: 7 });
});

test('doubles count, nonsense does not, and nothing is not zero', () => {
  const chat = { 'gen_ai.operation.name': 'chat' };
  expect(tokens({ ...chat, 'gen_ai.usage.input_tokens': '12.0' })).toEqual({ input: 12 });
  expect(tokens({ ...chat, 'gen_ai.usage.input_tokens': '-1', 'gen_ai.usage.prompt_tokens': '3' })).toEqual({
    input: 3,
  });
  expect(tokens({ ...chat, 'gen_ai.usage.input_tokens': '' })).toBeUndefined();
  expect(tokens({ ...chat, 'gen_ai.usage.input_tokens': '0' })).toEqual({ input: 0 });
});

test('a total is only used when nothing else is known', () => {
  const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.total_tokens': '171' };
  expect(tokens(chat)).toEqual({ total: 171 });
  expect(tokens({ ...chat, 'gen_ai.usage.output_tokens': '41' })).toEqual({ output: 41 });
});

test('a part larger than its whole is flagged', () => {
  const span = aSpan({
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.output_tokens': '5',
      'gen_ai.usage.reasoning.output_tokens': '9',
    },
  });
  expect(describeSpan(span).flags).toEqual(['subset_exceeds_whole']);
});
