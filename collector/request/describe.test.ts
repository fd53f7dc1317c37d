import { describe, expect, test } from 'vitest';
import { aLog, aSpan } from '../../test/support/telemetry.ts';
import type { Attributes } from '../telemetry.ts';
import { describeLog, describeSpan } from './describe.ts';
import { normalFinishReason } from './finish-reason.ts';

function facts(attributes: Attributes, over: Parameters<typeof aSpan>[0] = {}) {
  return describeSpan(aSpan({ attributes, ...over }));
}

const chat = { 'gen_ai.operation.name': 'chat' };
const L = { 'langfuse.observation.type': 'generation' };
const I = { 'openinference.span.kind': 'LLM' };
const V = { 'ai.operationId': 'ai.generateText.doGenerate' };

describe('finish reasons', () => {
  test.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['MAX_TOKENS', 'length'],
    ['tool-calls', 'tool_calls'],
    ['tool_use', 'tool_calls'],
    ['content-filter', 'content_filter'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'pause_turn'],
  ])('%s is %s', (raw, reason) => {
    expect(normalFinishReason(raw)).toEqual({ reason, raw });
  });

  test('an empty one is unknown', () => {
    expect(facts({ ...chat, 'gen_ai.response.finish_reasons': '[""]' })?.finishReason).toBeUndefined();
    expect(facts({ ...chat, 'gen_ai.response.finish_reasons': '' })?.finishReason).toBeUndefined();
  });

  test('is found in messages and in the words of the provider', () => {
    const messages = '[{"role":"assistant","parts":[],"finish_reason":"length"}]';
    expect(facts({ ...chat, 'gen_ai.output.messages': messages }).finishReason).toBe('length');
    expect(facts({ ...chat, 'anthropic.message.stop_reason': 'tool_use' })).toMatchObject({
      finishReason: 'tool_calls',
      finishReasonRaw: 'tool_use',
    });
  });
});

describe('errors', () => {
  test.each(['unset', 'ok'] as const)('status %s is no failure', status => {
    expect(facts(chat, { status })?.failed).toBeUndefined();
  });

  test('type, message and HTTP status', () => {
    const span = { status: 'error', statusMessage: '429 Rate limit reached' } as const;
    expect(facts({ ...chat, 'error.type': 'RateLimitError' }, span)).toMatchObject({
      failed: true,
      errorType: 'RateLimitError',
      errorMessage: '429 Rate limit reached',
      httpStatus: 429,
    });
  });

  test('type and message of the exception when the span says nothing', () => {
    const attributes = { 'exception.type': 'TimeoutError', 'exception.message': 'aborted' };
    const events = [{ name: 'exception', timeNs: 0n, attributes }];
    expect(facts(chat, { status: 'error', events })).toMatchObject({
      errorType: 'TimeoutError',
      errorMessage: 'aborted',
    });
  });

  test('a failure always has a type', () => {
    expect(facts(chat, { status: 'error' }).errorType).toBe('_OTHER');
    expect(facts(chat, { status: 'error', statusMessage: '400 bad' }).errorType).toBe('400');
    expect(facts(chat, { status: 'error', statusMessage: '12 monkeys' })?.httpStatus).toBeUndefined();
  });

  test('Langfuse says it with a level while the span status is unset', () => {
    const attributes = {
      ...L,
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': '500 oh no',
    };
    expect(facts(attributes)).toMatchObject({ failed: true, errorMessage: '500 oh no', httpStatus: 500 });
  });
});

describe('time to the first piece', () => {
  test.each<[string, Attributes, number]>([
    ['seconds', { ...chat, 'gen_ai.response.time_to_first_chunk': '0.35' }, 350_000_000],
    ['seconds of AI SDK 7', { ...chat, 'gen_ai.client.operation.time_to_first_chunk': '0.2' }, 200_000_000],
    ['milliseconds of AI SDK 6', { ...V, 'ai.response.msToFirstChunk': '88.75962400000003' }, 88_759_624],
    [
      'a moment of Langfuse, quotes included',
      { ...L, 'langfuse.observation.completion_start_time': '"1970-01-01T00:00:01.500Z"' },
      500_000_000,
    ],
  ])('%s', (_unit, attributes, ns) => {
    expect(facts(attributes)).toMatchObject({ ttftNs: ns });
  });

  test('from the event when the attribute is missing', () => {
    const events = [{ name: 'ai.stream.firstChunk', timeNs: 1_080_000_000n, attributes: {} }];
    expect(facts({ 'ai.operationId': 'ai.streamText.doStream' }, { events })).toMatchObject({
      ttftNs: 80_000_000,
      streaming: true,
    });
  });

  test('a moment before the start is a broken clock', () => {
    const attributes = { ...L, 'langfuse.observation.completion_start_time': '"1970-01-01T00:00:00.100Z"' };
    expect(facts(attributes)?.ttftNs).toBeUndefined();
  });
});

describe('what the span belongs to', () => {
  test('Traceloop association properties', () => {
    const attributes = {
      'traceloop.workflow.name': 'weather-agent',
      'traceloop.association.properties.user_id': 'u',
      'traceloop.association.properties.thread_id': 's',
      'traceloop.association.properties.tenant': 't',
      'traceloop.association.properties.prompt_variant': 'b',
      'traceloop.prompt.key': 'p',
      'traceloop.association.properties.traceloop.prompt.version': '4',
      'traceloop.entity.version': '3',
    };
    expect(facts(attributes)).toMatchObject({
      workflow: 'weather-agent',
      user: 'u',
      session: 's',
      tenant: 't',
      variant: 'b',
      promptName: 'p',
      promptVersion: '4',
    });
  });

  test('OpenInference metadata', () => {
    const metadata = JSON.stringify({ feature: 'f', tenant: 't', user_id: 'u', variant: 'b' });
    expect(facts({ ...I, metadata, 'session.id': 's' })).toMatchObject({
      feature: 'f',
      tenant: 't',
      user: 'u',
      session: 's',
      variant: 'b',
    });
    expect(facts({ ...I, metadata: '{broken' })?.tenant).toBeUndefined();
  });

  test('AI SDK metadata, and the runtime context of AI SDK 7', () => {
    const attributes = {
      ...V,
      'ai.telemetry.functionId': 'support-answer',
      'ai.telemetry.metadata.userId': 'u',
      'ai.settings.context.tenant': 't',
      'ai.telemetry.metadata.langfusePrompt': '{"name":"p","version":7}',
    };
    expect(facts(attributes)).toMatchObject({
      feature: 'support-answer',
      agent: 'support-answer',
      user: 'u',
      tenant: 't',
      promptName: 'p',
      promptVersion: '7',
    });
  });

  test('Langfuse: environment, release, tags', () => {
    const attributes = {
      ...L,
      'langfuse.environment': 'staging',
      'langfuse.release': '9',
      'langfuse.trace.name': 'f',
      'langfuse.trace.tags': '["canary"]',
      'langfuse.version': 'v7',
    };
    expect(facts(attributes)).toMatchObject({
      environment: 'staging',
      release: '9',
      feature: 'f',
      variant: 'canary',
    });
  });

  test('a plain span can carry it for all below', () => {
    expect(facts({ 'http.route': '/', 'app.feature': 'f', 'user.id': 'u' })).toMatchObject({
      dialect: '',
      role: '',
      feature: 'f',
      user: 'u',
    });
  });
});

describe('tool calls the model asked for', () => {
  test.each<[string, Attributes, number | undefined]>([
    ['none', { ...chat, 'gen_ai.output.messages': '[{"role":"assistant","parts":[]}]' }, 0],
    [
      'conventions',
      {
        ...chat,
        'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"tool_call","name":"a"}]}]',
      },
      1,
    ],
    ['unknown without content', { ...chat, 'gen_ai.response.finish_reasons': '["tool_calls"]' }, undefined],
    [
      'unknown when left out',
      {
        ...chat,
        'gen_ai.response.finish_reasons': '["tool_call"]',
        'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":""}]}]',
      },
      undefined,
    ],
    [
      'OpenInference, several keys a call',
      {
        ...I,
        'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'a',
        'llm.output_messages.0.message.tool_calls.0.tool_call.id': '1',
        'llm.output_messages.0.message.tool_calls.1.tool_call.function.name': 'b',
      },
      2,
    ],
    ['AI SDK', { ...V, 'ai.response.toolCalls': '[{"toolName":"a"},{"toolName":"b"}]' }, 2],
    ['Langfuse', { ...L, 'langfuse.observation.output': '{"content":null,"tool_calls":[{}]}' }, 1],
  ])('%s', (_sender, attributes, count) => {
    expect(facts(attributes).toolCallsRequested).toBe(count);
  });
});

test('the answer’s id is found inside the output of OpenInference', () => {
  expect(facts({ ...I, 'output.value': '{"id":"chatcmpl-1"}' }).responseId).toBe('chatcmpl-1');
  const langChain = (id: string) => JSON.stringify({ generations: [[{ message: { kwargs: { id } } }]] });
  expect(facts({ ...I, 'output.value': langChain('chatcmpl-2') }).responseId).toBe('chatcmpl-2');
  expect(facts({ ...I, 'output.value': langChain('run-7') })?.responseId).toBeUndefined();
});

test('a cost of 0 from the sender means that it does not know', () => {
  expect(facts({ ...chat, 'gen_ai.usage.cost': '0' })?.clientCostUsd).toBeUndefined();
  expect(facts({ ...chat, 'gen_ai.usage.cost': '0.0000441' }).clientCostUsd).toBe(0.0000441);
});

test('resources are told apart by all their attributes, in any order', () => {
  const key = (attributes: Attributes) =>
    facts(chat, { resource: { ...aSpan().resource, attributes } }).resourceKey;
  expect(key({ a: '1', b: '2' })).toBe(key({ b: '2', a: '1' }));
  expect(key({ a: '1', b: '2' })).not.toBe(key({ a: '1', b: '3' }));
});

describe('log records', () => {
  test('a choice tells how the answer ended', () => {
    const body = '{"finish_reason":"tool_calls","message":{"tool_calls":[{},{}]}}';
    expect(describeLog(aLog({ eventName: 'gen_ai.choice', body }))).toMatchObject({
      finishReason: 'tool_calls',
      toolCallsRequested: 2,
    });
  });

  test('with content off it says nothing about tools', () => {
    const body = '{"finish_reason":"stop","message":{}}';
    expect(describeLog(aLog({ eventName: 'gen_ai.choice', body }))?.toolCallsRequested).toBeUndefined();
  });

  test('operation details carry what a span would', () => {
    const attributes = { ...chat, 'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.input_tokens': '3' };
    const log = aLog({ eventName: 'gen_ai.client.inference.operation.details', attributes });
    expect(describeLog(log)?.inference).toMatchObject({ requestModel: 'gpt-4o', tokens: { input: 3 } });
  });

  test.each(['', 'gen_ai.user.message', 'gen_ai.evaluation.result'])('%s adds nothing', eventName => {
    expect(describeLog(aLog({ eventName, body: '{"content":"hi"}' }))).toBeNull();
  });
});
