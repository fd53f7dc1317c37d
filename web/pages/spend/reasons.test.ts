import { describe, expect, test } from 'vitest';
import type { SpendChange } from '#contract/spend.ts';
import { causeWords, isUnpriced, modelMove, reasonWords, type Side, unpricedWords } from './reasons.ts';

const side = (calls: number, models: Record<string, number>, units: Record<string, number>): Side => ({
  calls,
  models: new Map(Object.entries(models)),
  units: new Map(Object.entries(units)),
});
const before = side(100, { 'm-2': 90, 'm-1': 10 }, { input: 69_000, cache_read: 31_000, output: 10_000 });
const after = side(
  120,
  { 'm-2': 12, 'm-1': 12, 'm-3': 96 },
  { input: 62_400, cache_read: 57_600, output: 18_000 },
);

describe('a cause in words', () => {
  test.each([
    ['volume', '20 % more requests'],
    ['model_mix', 'm-2 → m-3'],
    ['prompt_length', 'prompts longer'],
    ['output_length', 'answers 50 % longer'],
    ['cache_rate', 'cache 31 % → 48 %'],
    ['price', 'higher prices'],
    ['retries', 'more retries and failures'],
  ] as const)('%s', (cause, words) =>
    expect(causeWords(cause, before, after, '1').replaceAll('\u00a0', ' ')).toBe(words),
  );
  test('says many times what more than doubled', () => {
    const many = side(330, {}, {});
    expect(causeWords('volume', before, many, '1')).toBe('3.3 times as many requests');
  });
  test('tells cheaper from dearer where no model stands out', () =>
    expect(causeWords('model_mix', before, before, '-1')).toBe('cheaper models'));
});

test('a model has moved when its share has, by a tenth at least', () => {
  expect(modelMove(before, after)).toEqual(['m-2', 'm-3']);
  expect(modelMove(before, before)).toBeNull();
});

test('what has no price is not nothing', () => {
  expect(isUnpriced('0.000000000', 3)).toBe(true);
  expect(isUnpriced('0.000000000', 0)).toBe(false);
  expect(isUnpriced('0.000000001', 3)).toBe(false);
  expect(unpricedWords({ unpriced_before: 1, unpriced_after: 0 })).toBe('1 call unpriced before, 0 now');
});

describe('the reason of a change', () => {
  const change = (causes: Record<string, string>, usd: string): SpendChange => ({
    before_usd: '0',
    after_usd: '0',
    change_usd: usd,
    calls_before: 100,
    calls_after: 120,
    unpriced_before: 0,
    unpriced_after: 0,
    causes: causes as SpendChange['causes'],
  });
  test('is its largest cause in its own direction, and the next when it counts', () => {
    const both = change({ model_mix: '700', volume: '300', cache_rate: '-900' }, '100');
    expect(reasonWords(both, before, after).replaceAll('\u00a0', ' ')).toBe('m-2 → m-3, 20 % more requests');
    const one = change({ model_mix: '700', volume: '3' }, '703');
    expect(reasonWords(one, before, after)).toBe('m-2 → m-3');
  });
  test('is that something began or ended', () => {
    const some = change({ volume: '1' }, '1');
    expect(reasonWords({ ...some, calls_before: 0 }, before, after)).toBe('new');
    expect(reasonWords({ ...some, calls_after: 0 }, before, after)).toBe('no longer used');
  });
});
