import { expect, test } from 'vitest';
import type { SpendChange } from '#contract/spend.ts';
import { addsUp, causesOf } from './reasons.ts';
import { waterfall } from './waterfall.ts';

const nothing = {
  volume: '0',
  model_mix: '0',
  prompt_length: '0',
  output_length: '0',
  cache_rate: '0',
  price: '0',
  retries: '0',
  pieces: '0',
  unpriced: '0',
  other: '0',
};
const change = (before: string, after: string, causes: Partial<SpendChange['causes']>): SpendChange => ({
  before_usd: before,
  after_usd: after,
  change_usd: String(Number(after) - Number(before)),
  calls_before: 10,
  calls_after: 10,
  unpriced_before: 0,
  unpriced_after: 0,
  causes: { ...nothing, ...causes },
});

test('each bar begins where the one before ended, and the last ends at what is', () => {
  const drawn = waterfall(change('4', '10', { volume: '8', cache_rate: '-2' }));
  expect(drawn.steps).toEqual([
    { cause: 'volume', usd: '8', from: 4 / 12, to: 1 },
    { cause: 'cache_rate', usd: '-2', from: 1, to: 10 / 12 },
  ]);
  expect([drawn.before, drawn.after, drawn.baseUsd]).toEqual([4 / 12, 10 / 12, '0.000000000']);
});

test('small causes beside a large whole are still seen, and the page says where the bars begin', () => {
  const drawn = waterfall(change('1000', '1010', { volume: '10' }));
  expect(drawn.baseUsd).toBe('995.000000000');
  expect(drawn.steps[0]!.to - drawn.steps[0]!.from).toBeCloseTo(2 / 3);
});

test('a change of nothing draws nothing', () =>
  expect(waterfall(change('0', '0', {}))).toEqual({
    before: 0,
    after: 0,
    steps: [],
    baseUsd: '0.000000000',
  }));

test('causes are ordered by size and must add up to the nano-dollar', () => {
  const exact = change('1', '2', { price: '1.000000001', volume: '-0.000000001' });
  expect(causesOf(exact).map(({ cause }) => cause)).toEqual(['price', 'volume']);
  expect(addsUp(exact)).toBe(true);
  expect(addsUp({ ...exact, causes: { ...exact.causes, other: '0.000000001' } })).toBe(false);
});
