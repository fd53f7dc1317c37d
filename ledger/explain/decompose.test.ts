import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spendCauses } from '#contract/spend.ts';
import { type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { SpendCell } from '#store/queries/spend-to-explain.ts';
import { decompose } from './decompose.ts';
import { shapley } from './shapley.ts';
import { shareOut } from './share-out.ts';

interface Said extends Partial<Omit<SpendCell, 'units' | 'nanos'>> {
  units?: Partial<Record<SpendKind, number>>;
  /** Nano-dollars per unit. */
  prices?: Partial<Record<SpendKind, number>>;
}

const byKind = (of: (kind: SpendKind) => number) =>
  Object.fromEntries(spendKinds.map(kind => [kind, String(of(kind))])) as Record<SpendKind, string>;

function cell(period: 0 | 1, { units = {}, prices = {}, ...said }: Said): SpendCell {
  const nanos = byKind(kind => (units[kind] ?? 0) * (prices[kind] ?? 0));
  const tokens = spendKinds.filter(kind => !['image', 'search', 'rerank'].includes(kind));
  return {
    key: 'support',
    provider: 'openai',
    model: 'm',
    line: 'answer',
    period,
    calls: '10',
    unpriced_calls: '0',
    unpriced_tokens: '0',
    adjusted: '0',
    tokens: String(tokens.reduce((sum, kind) => sum + (units[kind] ?? 0), 0)),
    cost: String(spendKinds.reduce((sum, kind) => sum + Number(nanos[kind]), 0)),
    units: byKind(kind => units[kind] ?? 0),
    nanos,
    ...said,
  };
}

const prices = { input: 3, cache_read: 1, output: 10, image: 40_000 };
const base: Said = { calls: '10', units: { input: 1000, cache_read: 0, output: 100 }, prices };

/** The causes that are not 0. */
const causesOf = (...cells: SpendCell[]) =>
  Object.fromEntries(Object.entries(decompose(cells).causes).filter(([, nanos]) => nanos !== 0n));

describe('what alone changes is the whole cause', () => {
  test.each<[string, Said, Record<string, bigint>]>([
    ['twice the calls', { calls: '20', units: { input: 2000, output: 200 }, prices }, { volume: 4000n }],
    ['longer prompts', { units: { input: 1500, output: 100 }, prices }, { prompt_length: 1500n }],
    ['longer answers', { units: { input: 1000, output: 150 }, prices }, { output_length: 500n }],
    ['cached input', { units: { input: 400, cache_read: 600, output: 100 }, prices }, { cache_rate: -1200n }],
    [
      'another price',
      { units: { input: 1000, output: 100 }, prices: { ...prices, output: 15 } },
      { price: 500n },
    ],
    ['pictures', { units: { input: 1000, output: 100, image: 2 }, prices }, { pieces: 80_000n }],
    [
      'no price for a half',
      {
        ...base,
        cost: '2000',
        unpriced_tokens: '550',
        units: { input: 1000, output: 100 },
        prices: { input: 1.5, output: 5 },
      },
      { unpriced: -2000n },
    ],
    ['bookings for closed months', { ...base, cost: '4123', adjusted: '123' }, { other: 123n }],
  ])('%s', (_name, after, causes) => {
    expect(causesOf(cell(0, base), cell(1, after))).toEqual(causes);
  });

  test('another model', () => {
    const dear = { ...prices, input: 6, output: 20 };
    const before = [cell(0, base)];
    const after = [
      cell(1, { calls: '5', units: { input: 500, output: 50 }, prices }),
      cell(1, { model: 'dear', calls: '5', units: { input: 500, output: 50 }, prices: dear }),
    ];
    expect(causesOf(...before, ...after)).toEqual({ model_mix: 2000n });
  });

  test('more calls that were tried again', () => {
    const retried = (period: 0 | 1, calls: number) =>
      cell(period, {
        line: 'retried',
        calls: String(calls),
        units: { input: 200 * calls, output: 20 * calls },
        prices,
      });
    const answered = (period: 0 | 1, calls: number) =>
      cell(period, { calls: String(calls), units: { input: 100 * calls, output: 10 * calls }, prices });
    expect(causesOf(answered(0, 9), retried(0, 1), answered(1, 7), retried(1, 3))).toEqual({ retries: 800n });
  });

  test('a feature that is new, and one that is gone', () => {
    expect(causesOf(cell(1, base))).toEqual({ volume: 4000n });
    expect(causesOf(cell(0, base))).toEqual({ volume: -4000n });
  });
});

const anyCell = fc
  .record({
    period: fc.constantFrom<0 | 1>(0, 1),
    model: fc.constantFrom('a', 'b', 'c'),
    line: fc.constantFrom('answer', 'retried', 'failed', 'evaluation'),
    calls: fc.nat(1000),
    units: fc.array(fc.nat(1_000_000), { minLength: spendKinds.length, maxLength: spendKinds.length }),
    nanos: fc.array(fc.integer({ min: 0, max: 2 ** 50 }), {
      minLength: spendKinds.length,
      maxLength: spendKinds.length,
    }),
    adjusted: fc.integer({ min: -1e12, max: 1e12 }),
    unpriced: fc.nat(100_000),
  })
  .map(({ calls, units, nanos, adjusted, unpriced, ...of }) => {
    const sum = nanos.reduce((all, one) => all + one, 0);
    return cell(of.period, {
      ...of,
      calls: String(calls),
      cost: String(BigInt(sum) + BigInt(adjusted)),
      adjusted: String(adjusted),
      unpriced_tokens: String(unpriced),
      nanos: byKind(kind => nanos[spendKinds.indexOf(kind)]!),
      units: Object.fromEntries(spendKinds.map((kind, at) => [kind, units[at]!])),
    } as Said);
  });

test('whatever happened, the causes add up to the change, to the nano-dollar', () => {
  fc.assert(
    fc.property(fc.array(anyCell, { maxLength: 12 }), cells => {
      const { before, after, causes } = decompose(cells);
      const sum = spendCauses.reduce((all, cause) => all + causes[cause], 0n);
      expect(sum).toBe(after - before);
      expect(after).toBe(
        cells.filter(one => one.period === 1).reduce((all, one) => all + BigInt(one.cost), 0n),
      );
    }),
  );
});

test('shares of a whole number are whole and add up', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc.array(fc.double({ min: -1e15, max: 1e15, noNaN: true }), { minLength: 1, maxLength: 10 }),
      (total, shares) => {
        expect(shareOut(total, shares).reduce((sum, part) => sum + part, 0n)).toBe(total);
      },
    ),
  );
  expect(shareOut(10n, [3.4, 3.3, 3.3])).toEqual([4n, 3n, 3n]);
});

test('the glove game: who has the one left glove gets two thirds', () => {
  const worth = (coalition: number) => (coalition & 1 && coalition & 6 ? 1 : 0);
  const [left, right, other] = shapley(3, worth);
  expect(left).toBeCloseTo(2 / 3);
  expect(right).toBeCloseTo(1 / 6);
  expect(other).toBeCloseTo(1 / 6);
});
