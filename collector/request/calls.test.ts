import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someFacts } from '../../test/support/telemetry.ts';
import { deriveCalls, pairingWindow } from './calls.ts';
import type { LogFacts, SpanFacts } from './facts.ts';

const usage = { input: 130, output: 41 };

function callsOf(...spans: SpanFacts[]) {
  return deriveCalls(spans, []).calls;
}

function ids(spans: SpanFacts[], logs: LogFacts[] = []) {
  return deriveCalls(spans, logs).calls.map(({ traceId, spanId }) => `${traceId}/${spanId}`);
}

function aRecord(over: Partial<LogFacts> = {}): LogFacts {
  return {
    logId: 'log-1',
    timeNs: 2_000_000_000n,
    traceId: 'trace-1',
    spanId: 'span-1',
    eventName: 'gen_ai.client.inference.operation.details',
    ...over,
  };
}

describe('rule 1: sums on parents', () => {
  const agent = someFacts({ spanId: 'agent', role: 'agent', requestModel: 'gpt-4o', tokens: { input: 900 } });

  test('are left out when a model call is below, at any depth', () => {
    const step = someFacts({ spanId: 'step', parentSpanId: 'agent', role: 'workflow' });
    const call = someFacts({ spanId: 'call', parentSpanId: 'step', tokens: usage });
    expect(callsOf(agent, step, call)).toMatchObject([{ spanId: 'call', inputTokens: 130, mergedFrom: [] }]);
  });

  test('become an estimated call when nothing is below', () => {
    expect(callsOf(agent)).toMatchObject([
      { spanId: 'agent', operation: 'chat', inputTokens: 900, flags: ['estimated_from_aggregate'] },
    ]);
  });

  test('count once when nested, by the outermost', () => {
    const workflow = someFacts({ spanId: 'workflow', role: 'workflow', tokens: { input: 1000 } });
    expect(ids([workflow, { ...agent, parentSpanId: 'workflow' }])).toEqual(['trace-1/workflow']);
  });

  test('without usage nothing counts', () => {
    expect(callsOf(someFacts({ role: 'agent' }), someFacts({ role: 'workflow', spanId: 'w' }))).toEqual([]);
  });

  test('an outer embed of the AI SDK alone is an embedding', () => {
    const outer = someFacts({ role: 'workflow', operation: 'ai.embed', tokens: { input: 9 } });
    expect(callsOf(outer)).toMatchObject([
      { operation: 'embeddings', embeddingTokens: 9, inputTokens: null },
    ]);
  });
});

describe('unknown operations', () => {
  const odd = someFacts({ spanId: 'odd', role: 'other', requestModel: 'gpt-4o', tokens: usage });

  test('count with a model and usage', () => {
    expect(ids([odd])).toEqual(['trace-1/odd']);
    expect(ids([{ ...odd, tokens: undefined }])).toEqual([]);
    expect(ids([{ ...odd, requestModel: undefined }])).toEqual([]);
  });

  test('do not count above or below a model call', () => {
    expect(ids([odd, someFacts({ spanId: 'call', parentSpanId: 'odd' })])).toEqual(['trace-1/call']);
    expect(ids([someFacts({ spanId: 'call' }), { ...odd, parentSpanId: 'call' }])).toEqual(['trace-1/call']);
  });

  test('nested in each other the innermost counts', () => {
    expect(ids([odd, { ...odd, spanId: 'inner', parentSpanId: 'odd' }])).toEqual(['trace-1/inner']);
  });
});

describe('rule 2: a call inside a call of another scope', () => {
  const outer = someFacts({
    spanId: 'outer',
    scopeName: 'framework',
    from: 1,
    to: 4,
    tokens: { input: 130, output: 41, cacheRead: 64 },
    clientCostUsd: 0.1,
    toolCallsRequested: 2,
    user: 'u',
  });
  const inner = someFacts({
    spanId: 'inner',
    parentSpanId: 'outer',
    scopeName: 'sdk',
    from: 2,
    to: 3,
    tokens: { input: 130, output: 41 },
    responseId: 'r',
  });

  test('is one call with the inner identity, timing and tokens, filled in from the outer', () => {
    expect(callsOf(outer, inner)).toMatchObject([
      {
        spanId: 'inner',
        durationNs: 1_000_000_000n,
        inputTokens: 130,
        cacheReadTokens: 64,
        clientCostUsd: 0.1,
        toolCallsRequested: 2,
        user: 'u',
        attempts: 1,
        mergedFrom: ['trace-1/outer'],
      },
    ]);
  });

  test('takes no detail from an outer that disagrees on the whole', () => {
    expect(callsOf({ ...outer, tokens: { input: 999, cacheRead: 64 } }, inner)).toMatchObject([
      { inputTokens: 130, cacheReadTokens: null },
    ]);
  });

  test('takes the outer usage when the inner has none', () => {
    expect(callsOf(outer, { ...inner, tokens: undefined })).toMatchObject([
      { spanId: 'inner', inputTokens: 130, outputTokens: 41 },
    ]);
  });

  test('works through spans in between and over three tellings', () => {
    const http = someFacts({ spanId: 'http', parentSpanId: 'outer', role: '' });
    const middle = { ...inner, spanId: 'middle', parentSpanId: 'http', scopeName: 'other' };
    expect(callsOf(outer, http, middle, { ...inner, parentSpanId: 'middle' })).toMatchObject([
      { spanId: 'inner', mergedFrom: ['trace-1/middle', 'trace-1/outer'] },
    ]);
  });

  test('stays two calls in one scope, behind a tool, and with another role', () => {
    expect(ids([outer, { ...inner, scopeName: 'framework' }])).toHaveLength(2);
    const tool = someFacts({ spanId: 'tool', parentSpanId: 'outer', role: 'tool' });
    expect(ids([outer, tool, { ...inner, parentSpanId: 'tool' }])).toHaveLength(2);
    expect(ids([outer, { ...inner, role: 'embedding' }])).toHaveLength(2);
  });

  test('over several successful calls the outer is a sum: nothing is read from it', () => {
    const second = { ...inner, spanId: 'inner-2', from: 3, responseId: 'r2' };
    const calls = callsOf(outer, inner, second);
    expect(calls.map(call => call.mergedFrom)).toEqual([[], ['trace-1/outer']]);
    expect(calls.map(call => call.clientCostUsd)).toEqual([null, null]);
  });

  test('over a failed and a successful inner one it is one call of two tries', () => {
    const failed = someFacts({
      ...inner,
      spanId: 'try-1',
      from: 1.1,
      to: 1.5,
      failed: true,
      tokens: undefined,
    });
    expect(callsOf(outer, failed, inner)).toMatchObject([
      { spanId: 'inner', attempts: 2, failedAttempts: 1, failed: false, mergedFrom: ['trace-1/outer'] },
    ]);
  });

  test('rule 4: in one scope too when the outer is an empty shell', () => {
    const shell = someFacts({ spanId: 'shell', role: 'embedding' });
    const embed = someFacts({
      spanId: 'embed',
      parentSpanId: 'shell',
      role: 'embedding',
      tokens: { input: 9 },
    });
    expect(callsOf(shell, embed)).toMatchObject([{ spanId: 'embed', embeddingTokens: 9 }]);
  });
});

describe('rule 3: a twin without a link', () => {
  const framework = someFacts({
    traceId: 'trace-a',
    spanId: 'a',
    parentSpanId: 'chain',
    scopeName: 'langchain',
    from: 1,
    to: 3,
    tokens: usage,
  });
  const chain = someFacts({
    traceId: 'trace-a',
    spanId: 'chain',
    role: 'workflow',
    chain: 'support',
    from: 0.9,
  });
  const sdk = someFacts({
    traceId: 'trace-b',
    spanId: 'b',
    scopeName: 'openai',
    from: 1.2,
    to: 2.8,
    requestModel: 'gpt-4o-mini-2024-07-18',
    tokens: usage,
    responseId: 'r',
  });

  test('is found by time, model and tokens', () => {
    expect(callsOf(chain, framework, sdk)).toMatchObject([
      { traceId: 'trace-a', feature: 'support', responseId: 'r', mergedFrom: ['trace-b/b'] },
    ]);
  });

  test('is found by response id even when the tokens are estimates; the larger count is believed', () => {
    const estimated = { ...framework, responseId: 'r', tokens: { input: 10, output: 36 } };
    expect(callsOf(chain, estimated, sdk)).toMatchObject([
      { traceId: 'trace-b', inputTokens: 130, feature: 'support', mergedFrom: ['trace-a/a'] },
    ]);
  });

  test('is found when one side has no usage', () => {
    expect(callsOf({ ...framework, tokens: undefined }, sdk)).toMatchObject([{ inputTokens: 130 }]);
  });

  test('is found beside the framework in one trace', () => {
    const http = someFacts({ traceId: 'trace-a', spanId: 'http', role: '' });
    const beside = { ...sdk, traceId: 'trace-a', parentSpanId: 'http' };
    expect(ids([http, { ...chain, parentSpanId: 'http' }, framework, beside])).toEqual(['trace-a/a']);
  });

  test.each<[string, Partial<SpanFacts>]>([
    ['another process', { resourceKey: 'process-2' }],
    ['the same scope', { scopeName: 'langchain' }],
    ['another model', { requestModel: 'gpt-4o' }],
    ['other tokens', { tokens: { input: 1, output: 1 } }],
    ['a parent of its own', { parentSpanId: 'elsewhere' }],
    ['not inside', { startNs: 900_000_000n, endNs: 3_100_000_000n, parentSpanId: 'x' }],
    ['another outcome', { failed: true, tokens: undefined }],
    ['a stream and not', { streaming: true }],
    ['another role', { role: 'embedding' }],
  ])('is not taken for one: %s', (_why, over) => {
    expect(callsOf({ ...framework, streaming: false }, { ...sdk, ...over })).toHaveLength(2);
  });

  test('different response ids are different calls', () => {
    expect(callsOf({ ...framework, responseId: 'other' }, sdk)).toHaveLength(2);
  });

  test('the same response id an hour later is a replayed answer', () => {
    const later = someFacts({ ...sdk, from: 3600, to: 3601 });
    expect(callsOf({ ...framework, responseId: 'r' }, later)).toHaveLength(2);
  });

  test('each has at most one of each scope: the better match wins', () => {
    const unsure = { ...sdk, traceId: 'trace-c', responseId: undefined, tokens: undefined };
    expect(callsOf(framework, unsure, sdk)).toMatchObject([
      { traceId: 'trace-a', mergedFrom: ['trace-b/b'] },
      { traceId: 'trace-c', mergedFrom: [] },
    ]);
  });

  test('the window says where to look', () => {
    expect(pairingWindow(sdk)).toEqual({
      resourceKey: 'process-1',
      scopeName: 'openai',
      fromNs: -3_800_000_000n,
      toNs: 7_800_000_000n,
    });
    expect(pairingWindow(chain)).toBeNull();
    expect(pairingWindow({ ...sdk, dialect: 'vercel_ai' })).toBeNull();
  });
});

describe('rule 5: log records', () => {
  const inference = someFacts({ tokens: usage, responseId: 'r', finishReason: 'stop' });

  test('of a known span fill in what it lacks', () => {
    const span = someFacts({});
    const records = [aRecord({ inference }), aRecord({ logId: 'log-2', toolCallsRequested: 1 })];
    expect(deriveCalls([span], records).calls).toMatchObject([
      { inputTokens: 130, responseId: 'r', finishReason: 'stop', toolCallsRequested: 1, mergedFrom: [] },
    ]);
  });

  test('of a known answer belong to it though written in another span', () => {
    const agent = someFacts({ spanId: 'agent', role: 'agent' });
    const call = someFacts({ spanId: 'call', parentSpanId: 'agent', responseId: 'r', tokens: usage });
    const record = aRecord({ spanId: 'agent', inference: { ...inference, spanId: 'agent' } });
    expect(ids([agent, call], [record])).toEqual(['trace-1/call']);
  });

  test('of no known span are a call of their own, once', () => {
    const record = aRecord({ inference });
    expect(deriveCalls([], [record, record]).calls).toMatchObject([
      { spanId: 'span-1', inputTokens: 130, flags: ['from_log_record'] },
    ]);
  });

  test('two answers told in one span are two calls with the records’ own ids', () => {
    const agent = someFacts({ spanId: 'agent', role: 'agent', user: 'u', tokens: { input: 999 } });
    const records = ['r1', 'r2'].map(responseId =>
      aRecord({
        logId: `log-${responseId}`,
        spanId: 'agent',
        inference: { ...inference, spanId: 'agent', responseId },
      }),
    );
    expect(deriveCalls([agent], records).calls).toMatchObject([
      { spanId: 'log-r1', user: 'u', inputTokens: 130 },
      { spanId: 'log-r2', user: 'u', inputTokens: 130 },
    ]);
  });

  test('without a model, or without usage and answer, are no call', () => {
    const empty = { ...inference, requestModel: undefined };
    const silent = { ...inference, responseId: undefined, tokens: undefined };
    expect(ids([], [aRecord({ inference: empty })])).toEqual([]);
    expect(ids([], [aRecord({ inference: silent })])).toEqual([]);
  });

  test('name an error the span leaves open', () => {
    const span = someFacts({ failed: true, errorType: '_OTHER' });
    const record = aRecord({ errorType: 'RateLimitError', errorMessage: 'slow down' });
    expect(deriveCalls([span], [record]).calls).toMatchObject([
      { errorType: 'RateLimitError', errorMessage: 'slow down' },
    ]);
  });
});

describe('rule 6: tries', () => {
  const attempt = (spanId: string, from: number, over: Partial<SpanFacts> = {}) =>
    someFacts({
      spanId,
      parentSpanId: 'outer',
      dialect: 'vercel_ai',
      scopeName: 'ai',
      name: 'ai.generateText.doGenerate',
      from,
      to: from + 0.5,
      ...over,
    });
  const failed = { failed: true, errorType: 'AI_APICallError', httpStatus: 429 };

  test('a failed try before a success is one call that went well, as long as the application waited', () => {
    const calls = callsOf(
      attempt('one', 1, failed),
      attempt('two', 4, { tokens: usage, ttftNs: 100_000_000 }),
    );
    expect(calls).toMatchObject([
      {
        spanId: 'two',
        startNs: 1_000_000_000n,
        durationNs: 3_500_000_000n,
        ttftNs: 3_100_000_000,
        attempts: 2,
        failedAttempts: 1,
        failed: false,
        errorType: '',
        inputTokens: 130,
        mergedFrom: [],
      },
    ]);
  });

  test('when the last one fails the call failed', () => {
    expect(callsOf(attempt('one', 1, failed), attempt('two', 2, failed))).toMatchObject([
      {
        spanId: 'two',
        attempts: 2,
        failedAttempts: 2,
        failed: true,
        errorType: 'AI_APICallError',
        httpStatus: 429,
      },
    ]);
  });

  test('steps of an agent are calls of their own', () => {
    const steps = [attempt('one', 1, { tokens: usage }), attempt('two', 2, failed), attempt('three', 3)];
    expect(callsOf(...steps)).toMatchObject([
      { spanId: 'one', attempts: 1 },
      { spanId: 'three', attempts: 2 },
    ]);
  });

  test('overlapping ones are not tries of each other', () => {
    expect(callsOf(attempt('one', 1, failed), attempt('two', 1.1))).toHaveLength(2);
  });

  test('what each try cost is summed', () => {
    const calls = callsOf(
      attempt('one', 1, { ...failed, tokens: { input: 5 } }),
      attempt('two', 2, { tokens: usage }),
    );
    expect(calls).toMatchObject([{ inputTokens: 135, outputTokens: 41 }]);
  });

  test('other senders report all tries as one span', () => {
    const other = { dialect: 'gen_ai' as const };
    expect(callsOf(attempt('one', 1, { ...failed, ...other }), attempt('two', 2, other))).toHaveLength(2);
  });

  test('with the provider’s own span inside each try', () => {
    const native = (spanId: string, parentSpanId: string, from: number, over: Partial<SpanFacts> = {}) =>
      someFacts({ spanId, parentSpanId, dialect: 'native', scopeName: 'sdk', from, to: from + 0.4, ...over });
    expect(
      callsOf(
        attempt('one', 1, failed),
        native('n1', 'one', 1.05, failed),
        attempt('two', 2, { tokens: usage }),
        native('n2', 'two', 2.05, { tokens: usage }),
      ),
    ).toMatchObject([{ spanId: 'n2', attempts: 2, mergedFrom: ['trace-1/one', 'trace-1/two'] }]);
  });
});

describe('inheritance', () => {
  test('takes each value from the nearest that has it', () => {
    const root = someFacts({ spanId: 'root', role: '', user: 'far', tenant: 't', feature: 'f' });
    const agent = someFacts({
      spanId: 'agent',
      parentSpanId: 'root',
      role: 'agent',
      user: 'near',
      agent: 'a',
    });
    const call = someFacts({ spanId: 'call', parentSpanId: 'agent', session: 's' });
    expect(callsOf(root, agent, call)).toMatchObject([
      { user: 'near', tenant: 't', session: 's', agent: 'a', feature: 'f' },
    ]);
  });

  test('the feature is the outermost workflow: inner ones are named after agents', () => {
    const outer = someFacts({ spanId: 'outer', role: 'workflow', workflow: 'support_answer' });
    const agent = someFacts({
      spanId: 'agent',
      parentSpanId: 'outer',
      role: 'agent',
      workflow: 'weather-agent',
    });
    const call = someFacts({
      spanId: 'call',
      parentSpanId: 'agent',
      workflow: 'weather-agent',
      agent: 'weather-agent',
    });
    expect(callsOf(outer, agent, call)).toMatchObject([
      { feature: 'support_answer', agent: 'weather-agent' },
    ]);
    expect(callsOf(call)).toMatchObject([{ feature: 'weather-agent' }]);
  });

  test('the feature is the nearest chain when there is no better word', () => {
    const outer = someFacts({ spanId: 'outer', role: 'workflow', chain: 'far' });
    const near = someFacts({ spanId: 'near', parentSpanId: 'outer', role: 'workflow', chain: 'near' });
    expect(callsOf(outer, near, someFacts({ spanId: 'call', parentSpanId: 'near' }))).toMatchObject([
      { feature: 'near' },
    ]);
  });

  test('never tokens, cost or errors', () => {
    const root = someFacts({
      spanId: 'root',
      role: 'agent',
      failed: true,
      errorType: 'E',
      tokens: usage,
      clientCostUsd: 1,
    });
    expect(callsOf(root, someFacts({ spanId: 'call', parentSpanId: 'root' }))).toMatchObject([
      { failed: false, errorType: '', inputTokens: null, clientCostUsd: null },
    ]);
  });

  test('a prompt version does not go with another prompt', () => {
    const root = someFacts({ spanId: 'root', role: 'workflow', promptName: 'a', promptVersion: '7' });
    const call = someFacts({ spanId: 'call', parentSpanId: 'root', promptName: 'b' });
    expect(callsOf(root, call)).toMatchObject([{ promptName: 'b', promptVersion: '' }]);
  });
});

describe('tool calls', () => {
  const tool = someFacts({
    spanId: 'tool',
    role: 'tool',
    toolName: 'get_weather',
    failed: true,
    errorType: 'E',
  });

  test('are rows of their own and inherit', () => {
    const root = someFacts({ spanId: 'root', role: 'agent', feature: 'f' });
    expect(deriveCalls([root, { ...tool, parentSpanId: 'root' }], []).toolCalls).toMatchObject([
      { spanId: 'tool', name: 'get_weather', failed: true, errorType: 'E', feature: 'f' },
    ]);
  });

  test('count once when two scopes tell the same execution', () => {
    const again = { ...tool, spanId: 'inner', parentSpanId: 'tool', scopeName: 'other' };
    expect(deriveCalls([tool, again], []).toolCalls).toHaveLength(1);
    expect(deriveCalls([tool, { ...again, toolName: 'other_tool' }], []).toolCalls).toHaveLength(2);
  });
});

test('the later of two versions of a span is believed, in any order', () => {
  const early = someFacts({ to: 1.5 });
  const late = someFacts({ to: 2, tokens: usage });
  expect(deriveCalls([early, late], [])).toEqual(deriveCalls([late, early], []));
  expect(callsOf(late, early)).toMatchObject([{ inputTokens: 130 }]);
});

test('a total alone is kept apart, so that nobody takes it for input', () => {
  expect(callsOf(someFacts({ tokens: { total: 171 } }))).toMatchObject([
    { inputTokens: null, outputTokens: null, totalTokens: 171, flags: ['total_tokens_only'] },
  ]);
});

// Parents may form circles, scopes, roles and times anything: nothing is lost, nothing counted twice, no order matters.
test('any spans at all: each call span is counted or merged exactly once, in every order', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const span = fc.record({
    traceId: fc.constantFrom('t1', 't2'),
    spanId: id,
    parentSpanId: fc.oneof(id, fc.constant('')),
    scopeName: fc.constantFrom('x', 'y', 'z'),
    dialect: fc.constantFrom('gen_ai', 'vercel_ai', 'native'),
    role: fc.constantFrom('model_call', 'model_call', 'embedding', 'tool', 'agent', 'other', ''),
    from: fc.integer({ min: 1, max: 4 }),
    failed: fc.boolean(),
    tokens: fc.option(fc.record({ input: fc.integer({ min: 1, max: 3 }) }), { nil: undefined }),
    responseId: fc.option(fc.constantFrom('r1', 'r2'), { nil: undefined }),
  });
  const spans = fc.uniqueArray(span, {
    selector: ({ traceId, spanId }) => `${traceId}/${spanId}`,
    maxLength: 12,
  });
  const orders = spans.chain(some => {
    const facts = some.map(over => someFacts(over));
    return fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length }));
  });
  fc.assert(
    fc.property(orders, ([facts, shuffled]) => {
      const { calls } = deriveCalls(facts, []);
      expect(deriveCalls([...shuffled, ...facts.slice(0, 3)], []).calls).toEqual(calls);
      const expected = facts.filter(({ role }) => role === 'model_call' || role === 'embedding').length;
      const named = calls.flatMap(call => [`${call.traceId}/${call.spanId}`, ...call.mergedFrom]);
      expect(new Set(named).size).toBe(named.length);
      const counted = calls.reduce((sum, call) => sum + call.attempts + call.mergedFrom.length, 0);
      expect(counted).toBeGreaterThanOrEqual(expected);
    }),
    { numRuns: 500, seed: 20261121 },
  );
});
