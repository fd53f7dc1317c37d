import { describe, expect, test } from 'vitest';
import { readScenarios } from '../../test/support/captures.ts';
import { aSpan } from '../../test/support/telemetry.ts';
import { decodeTraces } from '../otlp/decode.ts';
import { contentOf, stripContent } from '../request/contents.ts';
import { describeSpan } from '../request/describe.ts';
import { readSpan } from '../request/reading.ts';
import { spanScores } from '../request/scores.ts';
import type { Attributes, Span } from '../telemetry.ts';
import { isMappedKey, readKeys } from './mapped-keys.ts';

const ctx = { projectId: 'p', receivedAtMs: Date.UTC(2026, 10, 21), retentionDays: Number.POSITIVE_INFINITY };
const scenarios = readScenarios().map(({ name, bodies }) => ({
  name,
  spans: bodies
    .filter(({ signal }) => signal === 'traces')
    .flatMap(({ body, encoding }) => decodeTraces(body, encoding, ctx).spans),
}));

/** The attributes, and every key that is asked for by name. Walking over all keys asks for none. */
function recorded(attributes: Attributes, asked: Set<string>): Attributes {
  let walking = 0;
  return new Proxy(attributes, {
    get(target, key) {
      if (typeof key === 'string') asked.add(key);
      return Reflect.get(target, key);
    },
    has(target, key) {
      if (typeof key === 'string') asked.add(key);
      return Reflect.has(target, key);
    },
    ownKeys(target) {
      const keys = Reflect.ownKeys(target);
      walking += keys.length;
      return keys;
    },
    getOwnPropertyDescriptor(target, key) {
      // A walk asks for the descriptor of each key; Object.hasOwn does so without one.
      if (walking > 0) walking--;
      else if (typeof key === 'string') asked.add(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
}

/** Every key of the span's attributes that the mapping asks for. */
function askedOf(span: Span): Set<string> {
  const asked = new Set<string>();
  const watched = { ...span, attributes: recorded(span.attributes, asked) };
  spanScores(watched, describeSpan(watched));
  contentOf(readSpan(watched));
  return asked;
}

describe('the list of mapped keys', () => {
  test('has every key that the mapping asks the captured spans for', () => {
    const asked = new Set(scenarios.flatMap(({ spans }) => spans.flatMap(span => [...askedOf(span)])));
    expect(asked.size).toBeGreaterThan(80);
    expect([...asked].filter(key => !isMappedKey(key))).toEqual([]);
  });

  test('has no key that the mapping does not ask for', () => {
    const gen = { 'gen_ai.operation.name': 'chat' };
    const looks: Partial<Span>[] = [
      { attributes: gen },
      { attributes: { 'gen_ai.operation.name': 'execute_tool' } },
      { attributes: { 'gen_ai.request.model': 'm', 'traceloop.span.kind': 'workflow' } },
      { attributes: gen, scope: { name: '@openlit/openai', version: '1' } },
      { attributes: { 'openinference.span.kind': 'LLM' } },
      { attributes: { 'openinference.span.kind': 'TOOL' } },
      { attributes: { 'ai.operationId': 'ai.streamText.doStream' } },
      { attributes: { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.usage.inputTokens': '5' } },
      { attributes: { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.args': '{}' } },
      { attributes: { 'langfuse.observation.type': 'generation' } },
      { attributes: { 'langfuse.observation.type': 'generation' }, status: 'error' },
    ];
    const isAsked = (key: string) =>
      looks.some(look => {
        const attributes = { ...look.attributes, [key]: look.attributes?.[key] ?? '1' };
        return askedOf(aSpan({ ...look, attributes })).has(key);
      });
    expect(readKeys.filter(key => !isAsked(key))).toEqual([]);
  });

  test('leaves nothing that looks like a convention unread in the captures', () => {
    const looksLikeConvention = /^(gen_ai|llm|ai|langfuse|traceloop|openinference)\./;
    const unread = scenarios.flatMap(({ name, spans }) =>
      spans
        .filter(span => describeSpan(span).dialect !== '')
        .flatMap(span => Object.keys(stripContent(span).attributes))
        .filter(key => !isMappedKey(key) && looksLikeConvention.test(key))
        .map(key => `${name}: ${key}`),
    );
    expect([...new Set(unread)]).toEqual([]);
  });

  test('does not take a new name for a known one', () => {
    const renamed = [
      'gen_ai.usage.input.tokens',
      'gen_ai.response.model_name',
      'llm.token_counts.prompt',
      'app.plan',
    ];
    expect(renamed.filter(isMappedKey)).toEqual([]);
    expect(
      ['http.route', 'otel.scope.name', 'gen_ai.prompt.0.content'].filter(key => !isMappedKey(key)),
    ).toEqual([]);
  });
});
