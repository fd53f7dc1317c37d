import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readScenarios, type Scenario } from '../../test/support/captures.ts';
import { decodeLogs, decodeTraces } from '../otlp/decode.ts';
import type { Call } from './call.ts';
import { deriveCalls } from './calls.ts';
import { describeLog, describeSpan } from './describe.ts';
import type { LogFacts, SpanFacts } from './facts.ts';
import { decodeFacts, decodeLogFacts, encodeFacts, encodeLogFacts } from './facts-json.ts';

const context = { projectId: 'default', receivedAtMs: Date.UTC(2026, 10, 21), retentionDays: 90 };

interface Facts {
  spans: SpanFacts[];
  logs: LogFacts[];
}

function factsOf({ bodies }: Scenario): Facts {
  const facts: Facts = { spans: [], logs: [] };
  for (const { signal, encoding, body } of bodies) {
    if (signal === 'traces') {
      facts.spans.push(...decodeTraces(body, encoding, context).spans.map(span => describeSpan(span)));
    }
    if (signal === 'logs') {
      const found = decodeLogs(body, encoding, context).logs.map(log => describeLog(log));
      facts.logs.push(...found.filter(log => log !== null));
    }
  }
  return facts;
}

const scenarios = readScenarios().map(scenario => ({ ...scenario, facts: factsOf(scenario) }));

// A kind of token that no call reports is unknown to us and 0 to the sidecars.
function sum(calls: readonly Call[], key: keyof Call): number {
  return calls.reduce((total, call) => total + ((call[key] as number | null) ?? 0), 0);
}

/** The derived ledger in the sidecars' words. */
function seen({ spans, logs }: Facts) {
  const { calls, toolCalls } = deriveCalls(spans, logs);
  const succeeded = calls.filter(call => !call.failed);
  return {
    model_calls: sum(calls, 'attempts'),
    model_calls_failed: sum(calls, 'failedAttempts'),
    model_calls_ok: sum(calls, 'attempts') - sum(calls, 'failedAttempts'),
    model_calls_ok_without_usage: succeeded.filter(
      call => call.inputTokens === null && call.outputTokens === null && call.embeddingTokens === null,
    ).length,
    model_spans_that_are_duplicates: calls.flatMap(call => call.mergedFrom).length,
    tool_spans: toolCalls.length,
    tool_spans_failed: toolCalls.filter(tool => tool.failed).length,
    input_tokens_including_cache: sum(calls, 'inputTokens'),
    cached_read_tokens: sum(calls, 'cacheReadTokens'),
    cache_write_tokens: sum(calls, 'cacheWriteTokens'),
    output_tokens: sum(calls, 'outputTokens'),
    reasoning_tokens: sum(calls, 'reasoningTokens'),
    embedding_input_tokens: sum(calls, 'embeddingTokens'),
  };
}

function throughTheStore({ spans, logs }: Facts): Facts {
  return {
    spans: spans.map(span => decodeFacts(encodeFacts(span))),
    logs: logs.map(log => decodeLogFacts(encodeLogFacts(log))),
  };
}

test('there are captures of every sender', () => {
  expect(scenarios).toHaveLength(35);
});

describe.each(scenarios)('$name', ({ visible, facts }) => {
  test('gives exactly what its sidecar says is visible', () => {
    expect(visible).toMatchObject(seen(facts));
  });

  test('is the same when everything is sent twice, in reverse order, or read back from the store', () => {
    const once = deriveCalls(facts.spans, facts.logs);
    const { spans, logs } = facts;
    expect(deriveCalls([...spans, ...spans], [...logs, ...logs])).toEqual(once);
    expect(deriveCalls(spans.toReversed(), logs.toReversed())).toEqual(once);
    const stored = throughTheStore(facts);
    expect(stored).toEqual(facts);
    expect(deriveCalls(stored.spans, stored.logs)).toEqual(once);
  });

  test('ends the same when facts come one by one and each step is derived from all so far', () => {
    const { spans, logs } = facts;
    const steps = spans.map((_, index) => deriveCalls(spans.slice(0, index + 1), logs));
    expect(steps.at(-1)).toEqual(deriveCalls(spans, logs));
  });
});

test('a failed try before a success is one call that went well', () => {
  const { facts, visible } = scenarios.find(({ name }) => name === 'vercel-ai-6/errors')!;
  const { calls } = deriveCalls(facts.spans, facts.logs);
  expect(calls.map(({ attempts, failedAttempts, failed }) => [attempts, failedAttempts, failed])).toEqual([
    [2, 1, false],
    [1, 1, true],
    [1, 1, true],
    [1, 0, false],
    [1, 0, false],
  ]);
  expect(visible.model_calls).toBe(6);
});

const all: Facts = {
  spans: scenarios.flatMap(({ facts }) => facts.spans),
  logs: scenarios.flatMap(({ facts }) => facts.logs),
};

// Every capture names the same resource, so all of them together also show that unrelated calls are never paired.
test('all scenarios together, in any order and with repetitions, are the sum of each', () => {
  const apart = scenarios.flatMap(({ facts }) => deriveCalls(facts.spans, facts.logs).calls);
  const expected = apart.map(call => JSON.stringify(call, bigints)).sort();
  const shuffled = fc.record({
    spans: fc.shuffledSubarray([...all.spans, ...all.spans.slice(0, 50)], {
      minLength: all.spans.length + 50,
    }),
    logs: fc.shuffledSubarray(all.logs, { minLength: all.logs.length }),
  });
  fc.assert(
    fc.property(shuffled, ({ spans, logs }) => {
      const { calls } = deriveCalls(spans, logs);
      expect(calls.map(call => JSON.stringify(call, bigints)).sort()).toEqual(expected);
    }),
    { numRuns: 20, seed: 20261121 },
  );
});

test('any part of any scenarios gives the same in any order', () => {
  const part = fc.subarray(all.spans).chain(spans => fc.tuple(fc.constant(spans), shuffled(spans)));
  fc.assert(
    fc.property(part, fc.subarray(all.logs), ([spans, other], logs) => {
      expect(deriveCalls(other, logs.toReversed())).toEqual(deriveCalls(spans, logs));
    }),
    { numRuns: 40, seed: 20261121 },
  );
});

function shuffled<T>(items: T[]) {
  return fc.shuffledSubarray(items, { minLength: items.length });
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
