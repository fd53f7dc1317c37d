import { expect, test } from 'vitest';
import type { Call } from '#contract/trace.ts';
import { costLines } from './cost-lines.ts';

const call = (change: Partial<Call>) =>
  ({
    input_tokens: 1000,
    cache_read_tokens: null,
    cache_write_tokens: null,
    output_tokens: 200,
    reasoning_tokens: null,
    embedding_tokens: null,
    cost_by_kind: {},
    ...change,
  }) as Call;
const lines = (change: Partial<Call>) =>
  costLines(call(change)).map(one => [one.kind, one.tokens, one.perMillionUsd]);

test('cached input is taken out of the input', () =>
  expect(
    lines({
      cache_read_tokens: 600,
      cost_by_kind: { output: '0.002', cache_read: '0.00075', input: '0.001' },
    }),
  ).toEqual([
    ['input', 400, 2.5],
    ['cache_read', 600, 1.25],
    ['output', 200, 10],
  ]));

test('reasoning is taken out of the output only when it is priced apart', () => {
  expect(lines({ reasoning_tokens: 150, cost_by_kind: { output: '0.002' } })).toEqual([['output', 200, 10]]);
  expect(
    lines({ reasoning_tokens: 150, cost_by_kind: { output: '0.0005', output_reasoning: '0.003' } }),
  ).toEqual([
    ['output', 50, 10],
    ['output_reasoning', 150, 20],
  ]);
});

test('tokens that were not reported apart stay unknown', () => {
  expect(lines({ cost_by_kind: { input: '0.001', input_audio: '0.01' } })).toEqual([
    ['input', null, null],
    ['input_audio', null, null],
  ]);
  expect(lines({ input_tokens: null, cost_by_kind: { input: '0.001', something_new: '1' } })).toEqual([
    ['input', null, null],
    ['something_new', null, null],
  ]);
});

test('an embedding is input', () =>
  expect(
    lines({ input_tokens: null, embedding_tokens: 500, cost_by_kind: { input: '0.00001' } })[0]?.[1],
  ).toBe(500));
