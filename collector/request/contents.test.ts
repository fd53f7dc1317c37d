import { describe, expect, test } from 'vitest';
import { readScenarios } from '../../test/support/captures.ts';
import { aLog, aSpan } from '../../test/support/telemetry.ts';
import { decodeLogs, decodeTraces } from '../otlp/decode.ts';
import type { Attributes } from '../telemetry.ts';
import { contentOf, logContent, stripContent, stripLogContent, withoutContent } from './contents.ts';
import { describeSpan } from './describe.ts';
import { readSpan } from './reading.ts';
import { cutBytes } from './text.ts';

const json = JSON.stringify;
const text = (content: string) => ({ type: 'text', content });
const asked = { role: 'user', parts: [text('Wetter in 東京?')] };
const answered = { role: 'assistant', parts: [text('晴れ 👋')] };
const weather = { type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { city: 'Köln' } };

function content(attributes: Attributes, over: Parameters<typeof aSpan>[0] = {}) {
  return contentOf(readSpan(aSpan({ attributes, ...over })));
}

describe('seven encodings, one shape', () => {
  const openai = { choices: [{ message: { role: 'assistant', content: '晴れ 👋' } }] };

  test.each<[string, Attributes]>([
    ['1 conventions', { 'gen_ai.input.messages': json([asked]), 'gen_ai.output.messages': json([answered]) }],
    [
      '5 older Traceloop',
      {
        'gen_ai.prompt.0.role': 'user',
        'gen_ai.prompt.0.content': 'Wetter in 東京?',
        'gen_ai.completion.0.content': '晴れ 👋',
        'gen_ai.completion.0.role': 'assistant',
      },
    ],
    [
      '5 OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.input_messages.0.message.role': 'user',
        'llm.input_messages.0.message.content': 'Wetter in 東京?',
        'llm.output_messages.0.message.role': 'assistant',
        'llm.output_messages.0.message.contents.0.message_content.type': 'text',
        'llm.output_messages.0.message.contents.0.message_content.text': '晴れ 👋',
      },
    ],
    [
      '6 whole values',
      {
        'openinference.span.kind': 'LLM',
        'input.value': json({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Wetter in 東京?' }] }),
        'output.value': json(openai),
      },
    ],
    [
      '6 AI SDK, inner span',
      {
        'ai.operationId': 'ai.generateText.doGenerate',
        'ai.prompt.messages': json([{ role: 'user', content: [{ type: 'text', text: 'Wetter in 東京?' }] }]),
        'ai.response.text': '晴れ 👋',
      },
    ],
    [
      '6 AI SDK, outer span',
      {
        'ai.operationId': 'ai.generateText',
        'ai.prompt': json({ prompt: 'Wetter in 東京?' }),
        'ai.response.text': '晴れ 👋',
      },
    ],
    [
      '7 Langfuse',
      {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.input': json([{ role: 'user', content: 'Wetter in 東京?' }]),
        'langfuse.observation.output': '晴れ 👋',
      },
    ],
  ])('%s', (_encoding, attributes) => {
    expect(content(attributes)).toEqual({ input: [asked], output: [answered] });
  });

  test('4 span events', () => {
    const event = (name: string, attributes: Attributes) => ({ name, timeNs: 0n, attributes });
    const events = [
      event('gen_ai.content.prompt', {
        'gen_ai.prompt': json([{ role: 'user', content: 'Wetter in 東京?' }]),
      }),
      event('gen_ai.content.completion', { 'gen_ai.completion': json([{ content: '晴れ 👋' }]) }),
    ];
    expect(content({ 'gen_ai.system': 'openai' }, { events })).toEqual({
      input: [asked],
      output: [answered],
    });
  });

  test('2 and 3 log records', () => {
    const details = 'gen_ai.client.inference.operation.details';
    expect(
      logContent(aLog({ eventName: details, attributes: { 'gen_ai.input.messages': json([asked]) } })),
    ).toEqual({
      input: [asked],
      output: [],
    });
    const user = aLog({ eventName: 'gen_ai.user.message', body: json({ content: 'Wetter in 東京?' }) });
    expect(logContent(user)).toEqual({ input: [asked], output: [] });
    const choice = aLog({
      eventName: 'gen_ai.choice',
      body: json({ index: 0, finish_reason: 'stop', message: { content: '晴れ 👋' } }),
    });
    expect(logContent(choice)).toEqual({ input: [], output: [{ ...answered, finish_reason: 'stop' }] });
  });

  test('content switched off is no content', () => {
    expect(logContent(aLog({ eventName: 'gen_ai.user.message', body: '{}' }))).toBeNull();
    expect(logContent(aLog({ eventName: 'gen_ai.choice', body: '{"index":0,"message":{}}' }))).toBeNull();
    expect(content({ 'gen_ai.operation.name': 'chat' })).toBeNull();
    expect(content({ 'http.route': '/', 'input.value': 'x' })).toBeNull();
  });
});

describe('details of messages', () => {
  test('instructions come first, and once', () => {
    const instructions = { 'gen_ai.system_instructions': json([text('Kurz.')]) };
    const system = { role: 'system', parts: [text('Kurz.')] };
    expect(content({ ...instructions, 'gen_ai.input.messages': json([asked]) })?.input).toEqual([
      system,
      asked,
    ]);
    expect(content({ ...instructions, 'gen_ai.input.messages': json([system, asked]) })?.input).toEqual([
      system,
      asked,
    ]);
    expect(content({ 'gen_ai.system_instructions': 'Kurz.' })?.input).toEqual([system]);
  });

  test.each<[string, unknown]>([
    ['conventions', { role: 'assistant', parts: [weather] }],
    [
      'OpenAI',
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Köln"}' } },
        ],
      },
    ],
    [
      'Anthropic',
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'c1', name: 'get_weather', input: { city: 'Köln' } }],
      },
    ],
    [
      'AI SDK',
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'get_weather', input: { city: 'Köln' } }],
      },
    ],
    [
      'Responses API',
      { type: 'function_call', call_id: 'c1', name: 'get_weather', arguments: '{"city":"Köln"}' },
    ],
  ])('a tool call of %s', (_sender, message) => {
    expect(
      content({ 'gen_ai.operation.name': 'chat', 'gen_ai.output.messages': json([message]) })?.output,
    ).toEqual([{ role: 'assistant', parts: [weather] }]);
  });

  test.each<[string, unknown]>([
    ['OpenAI', { role: 'tool', tool_call_id: 'c1', content: '21°C' }],
    ['conventions', { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '21°C' }] }],
    ['Anthropic', { role: 'tool', content: [{ type: 'tool_result', tool_use_id: 'c1', content: '21°C' }] }],
    ['AI SDK', { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c1', output: '21°C' }] }],
  ])('a tool answer of %s', (_sender, message) => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': json([message]) };
    expect(content(attributes)?.input).toEqual([
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '21°C' }] },
    ]);
  });

  test('a tool run reads as the call and its answer', () => {
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'get_weather',
      'gen_ai.tool.call.id': 'c1',
      'gen_ai.tool.call.arguments': '{"city":"Köln"}',
      'gen_ai.tool.call.result': '{"temp":21}',
    };
    expect(content(attributes)).toEqual({
      input: [{ role: 'assistant', parts: [weather] }],
      output: [{ role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { temp: 21 } }] }],
    });
  });

  test('what is not JSON, or redacted, stays as it was sent', () => {
    expect(content({ 'gen_ai.input.messages': '__REDACTED__' })?.input).toEqual([
      { role: 'user', parts: [text('__REDACTED__')] },
    ]);
    expect(content({ 'gen_ai.input.messages': '[{broken' })?.input).toEqual([
      { role: 'user', parts: [text('[{broken')] },
    ]);
  });

  test('embedded texts are one message each', () => {
    const texts = { 'gen_ai.operation.name': 'embeddings', 'gen_ai.input.messages': '["eins","二"]' };
    expect(content(texts)?.input).toEqual([
      { role: 'user', parts: [text('eins')] },
      { role: 'user', parts: [text('二')] },
    ]);
    const vercel = { 'ai.operationId': 'ai.embedMany.doEmbed', 'ai.values': '["\\"eins\\"","\\"二\\""]' };
    expect(content(vercel)?.input).toEqual(content(texts)?.input);
  });
});

describe('long texts', () => {
  test('are cut to 64 KiB and say so', () => {
    const long = json([{ role: 'user', parts: [text('ä'.repeat(40_000))] }]);
    const [message] = content({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': long })!.input;
    expect(message?.parts[0]).toMatchObject({ type: 'text', truncated: true });
    expect(Buffer.byteLength(message?.parts[0]?.content as string)).toBe(65_536);
  });

  test.each(['👋', '晴', 'é', '🇩🇪', '👨‍👩‍👧'])('never inside %s', character => {
    for (let room = 0; room < 40; room++) {
      const cut = cutBytes(character.repeat(10), room);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(room);
      expect(cut).toBe(character.repeat(cut.length / character.length));
    }
  });

  test('a run of marks without end is cut all the same', () => {
    const cut = cutBytes(`a${'\u0301'.repeat(1000)}`, 100);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(100);
  });
});

describe('without content', () => {
  test('names, versions and counts stay', () => {
    const kept = {
      'gen_ai.prompt.name': 'support-answer',
      'gen_ai.prompt.version': '7',
      'gen_ai.tool.name': 'get_weather',
      'gen_ai.usage.input_tokens': '3',
      'traceloop.prompt.key': 'p',
      'ai.prompt.toolChoice': '{"type":"auto"}',
      'llm.prompt_template.version': '2',
    };
    expect(withoutContent({ ...kept, 'gen_ai.prompt.0.content': 'secret', 'ai.prompt': 'secret' })).toEqual(
      kept,
    );
  });

  test('settings lose the content some senders leave in them', () => {
    const settings = {
      model: 'gpt-5-mini',
      instructions: 'secret',
      system: 'secret',
      max_output_tokens: 400,
    };
    expect(withoutContent({ 'llm.invocation_parameters': json(settings) })).toEqual({
      'llm.invocation_parameters': '{"model":"gpt-5-mini","max_output_tokens":400}',
    });
    expect(withoutContent({ 'llm.invocation_parameters': '{"system":"secr' })).toEqual({
      'llm.invocation_parameters': '',
    });
  });

  test('events and bodies lose theirs, and keep how the answer ended', () => {
    const event = {
      name: 'gen_ai.user.message',
      timeNs: 0n,
      attributes: { content: 'secret', role: 'user' },
    };
    expect(stripContent(aSpan({ events: [event] })).events[0]?.attributes).toEqual({ role: 'user' });
    const body = json({ index: 0, finish_reason: 'stop', message: { content: 'secret' } });
    expect(stripLogContent(aLog({ eventName: 'gen_ai.choice', body })).body).toBe(
      '{"index":0,"finish_reason":"stop"}',
    );
    expect(stripLogContent(aLog({ eventName: 'app.started', body: 'ready' })).body).toBe('ready');
  });

  const context = { projectId: 'default', receivedAtMs: Date.UTC(2026, 10, 21), retentionDays: 90 };
  const words =
    /Wetter|Grüße|Köln|晴れ|大阪|Antworte|Assistent|kaputt\W*temp|二行目|als JSON|retry me|Kontext/;

  test.each(readScenarios())('nothing anyone said is left of $name', ({ bodies }) => {
    for (const { signal, encoding, body } of bodies) {
      if (signal === 'traces') {
        for (const span of decodeTraces(body, encoding, context).spans) {
          const { attributes, events } = stripContent(span);
          expect(json({ attributes, events: events.map(event => event.attributes) })).not.toMatch(words);
        }
      }
      if (signal === 'logs') {
        for (const log of decodeLogs(body, encoding, context).logs) {
          const { attributes, body: left, eventName } = stripLogContent(log);
          // An evaluation's explanation is a score, not content.
          if (eventName !== 'gen_ai.evaluation.result') expect(json({ attributes, left })).not.toMatch(words);
        }
      }
    }
  });

  test('facts read before content is taken off are the only ones that know it', () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.output.messages': json([{ parts: [weather] }]),
    };
    const span = aSpan({ attributes });
    expect(describeSpan(span).toolCallsRequested).toBe(1);
    expect(describeSpan(stripContent(span)).toolCallsRequested).toBeUndefined();
  });
});
