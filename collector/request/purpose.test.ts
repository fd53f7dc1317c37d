import { describe, expect, test } from 'vitest';
import { mapping as mappingSchema } from '#contract/mapping.ts';
import { aSpan } from '../../test/support/telemetry.ts';
import type { Attributes, Span } from '../telemetry.ts';
import { deriveCalls } from './calls.ts';
import { describeSpan } from './describe.ts';
import { decodeFacts, encodeFacts } from './facts-json.ts';

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
const L = { 'langfuse.observation.type': 'generation' };

/** The call at the end of a chain of spans, each below the one before, through the store and back. */
function callBelow(...chain: (Attributes | Partial<Span>)[]) {
  const spans = chain.map((given, at) => {
    const span = 'attributes' in given ? (given as Partial<Span>) : { attributes: given as Attributes };
    const [spanId, parentSpanId] = [String(at + 1).repeat(16), at === 0 ? '' : String(at).repeat(16)];
    return decodeFacts(encodeFacts(describeSpan(aSpan({ ...span, spanId, parentSpanId }))));
  });
  return deriveCalls(spans, []).calls.find(({ spanId }) => spanId.startsWith(String(chain.length)));
}

describe('who pays', () => {
  test.each<[string, Attributes]>([
    ['our own key', { ...chat, 'driftline.team': 'payments' }],
    ['a plain key', { ...chat, team: 'payments' }],
    ['an association property', { ...chat, 'traceloop.association.properties.team': 'payments' }],
    [
      'metadata of the AI SDK',
      { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.telemetry.metadata.team': 'payments' },
    ],
    [
      'metadata of OpenInference',
      { 'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt-4o', metadata: '{"team":"payments"}' },
    ],
    ['metadata of Langfuse', { ...L, 'langfuse.trace.metadata.team': 'payments' }],
  ])('is said by %s', (_sender, attributes) => {
    expect(callBelow(attributes)?.team).toBe('payments');
  });

  test('is inherited from the nearest span above', () => {
    expect(callBelow({ team: 'far' }, { team: 'near' }, {}, chat)?.team).toBe('near');
    expect(callBelow({ team: 'far' }, chat)?.team).toBe('far');
    expect(callBelow(chat)?.team).toBe('');
  });

  test('may be mapped from a resource', () => {
    const mapping = mappingSchema.parse({ team: [{ from: 'resource', key: 'cost.center' }] });
    const resource = { ...aSpan().resource, attributes: { 'cost.center': '4711' } };
    expect(describeSpan(aSpan({ attributes: chat, resource }), mapping).team).toBe('4711');
  });
});

describe('a call is an evaluation', () => {
  test.each<[string, Attributes]>([
    ['an evaluator of OpenInference', { 'openinference.span.kind': 'EVALUATOR' }],
    ['an evaluator of Langfuse', { 'langfuse.observation.type': 'evaluator' }],
    ['an operation', { 'gen_ai.operation.name': 'evaluate' }],
    ['an agent', { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'answer-evaluator' }],
    ['a judge', { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'llm_as_a_judge' }],
    ['our own key', { 'driftline.purpose': 'eval' }],
  ])('below %s', (_above, attributes) => {
    expect(callBelow(attributes, {}, chat)?.purpose).toBe('evaluation');
  });

  test.each<[string, Attributes]>([
    ['a guardrail', { 'openinference.span.kind': 'GUARDRAIL' }],
    ['a workflow', { 'gen_ai.operation.name': 'invoke_workflow' }],
    [
      'an agent with such letters',
      { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'retrieval' },
    ],
    ['a court', { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'judge-finder' }],
  ])('not below %s', (_above, attributes) => {
    expect(callBelow(attributes, chat)?.purpose).toBe('');
  });

  test('by another name only when the application says so', () => {
    expect(callBelow({ 'driftline.purpose': 'backfill' }, chat)?.purpose).toBe('backfill');
  });
});

describe('what is billed by the piece, or bounds what is not counted', () => {
  const V = { 'ai.operationId': 'ai.streamText.doStream', 'gen_ai.request.model': 'gemini-2.5-flash' };

  test('nothing is said: nothing is known', () => {
    expect(callBelow({ ...chat, 'gen_ai.usage.input_tokens': '1' })).toMatchObject({
      images: null,
      searches: null,
      rerankUnits: null,
      imageInputTokens: null,
      imageOutputTokens: null,
      maxOutputTokens: null,
    });
  });

  test('modalities of Gemini, as the AI SDK hands them on', () => {
    const usageMetadata = {
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 7 },
        { modality: 'IMAGE', tokenCount: 258 },
      ],
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }],
    };
    const metadata = JSON.stringify({ google: { usageMetadata } });
    const attributes = { ...V, 'ai.usage.inputTokens': '265', 'ai.response.providerMetadata': metadata };
    expect(callBelow(attributes)).toMatchObject({
      imageInputTokens: 258,
      imageOutputTokens: 1290,
      audioInputTokens: null,
    });
  });

  test('modalities of the conventions', () => {
    const attributes = {
      ...chat,
      'gen_ai.usage.input_tokens': '300',
      'gen_ai.usage.image.input_tokens': '258',
      'gen_ai.usage.output_tokens': '1300',
      'gen_ai.usage.image.output_tokens': '1290',
    };
    expect(callBelow(attributes)).toMatchObject({
      imageInputTokens: 258,
      imageOutputTokens: 1290,
      flags: [],
    });
    expect(callBelow({ ...attributes, 'gen_ai.usage.input_tokens': '30' })?.flags).toEqual([
      'subset_exceeds_whole',
    ]);
  });

  test.each<[string, Attributes, number | null]>([
    ['the conventions', { ...chat, 'gen_ai.request.max_tokens': '300' }, 300],
    [
      'several answers',
      { ...chat, 'gen_ai.request.max_tokens': '300', 'gen_ai.request.choice.count': '3' },
      900,
    ],
    ['the AI SDK', { ...V, 'ai.settings.maxOutputTokens': '200' }, 200],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt-4o',
        'llm.invocation_parameters': '{"max_completion_tokens":100}',
      },
      100,
    ],
    ['Langfuse', { ...L, 'langfuse.observation.model.parameters': '{"max_tokens":"50"}' }, 50],
    [
      'nobody asks once the output is known',
      { ...chat, 'gen_ai.request.max_tokens': '300', 'gen_ai.usage.output_tokens': '7' },
      null,
    ],
    ['no limit', { ...chat, 'gen_ai.request.max_tokens': '0' }, null],
  ])('the limit of the request: %s', (_sender, attributes, limit) => {
    expect(callBelow(attributes)?.maxOutputTokens).toBe(limit);
  });

  test('a picture that was made is a call, whoever counts no tokens', () => {
    const picture = { 'gen_ai.operation.name': 'image_generation', 'gen_ai.request.model': 'painter-1' };
    expect(callBelow({ ...picture, 'driftline.usage.images': '2' })).toMatchObject({
      images: 2,
      inputTokens: null,
    });
    expect(callBelow(picture)).toBeUndefined();
  });

  test('tokens that the sender estimated are marked', () => {
    const counted = { ...chat, 'gen_ai.usage.input_tokens': '10', 'gen_ai.usage.output_tokens': '36' };
    expect(callBelow({ ...counted, 'gen_ai.usage.estimated': 'true' })?.flags).toEqual(['estimated_tokens']);
    const streamed = { ...counted, 'gen_ai.provider.name': 'openai', 'gen_ai.request.stream': 'true' };
    const scope = { name: '@traceloop/instrumentation-openai', version: '0.27.0' };
    expect(callBelow({ attributes: streamed, scope })?.flags).toEqual(['estimated_tokens']);
    expect(callBelow(streamed)?.flags).toEqual([]);
  });
});
