import { expect, test } from 'vitest';
import type { ShapeSums } from '#store/queries/shape-stats.ts';
import { seeded } from '../../test/support/seeded.ts';
import { compareShape } from './compare-shape.ts';

const { next } = seeded(5);
const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Lengths as the roll-up keeps them. */
function lengths(n: number, draw: () => number): ShapeSums {
  const histogram = new Map<string, number>();
  let sum = 0;
  let sumSq = 0;
  for (let at = 0; at < n; at += 1) {
    const ln = draw();
    const bin = String(Math.floor(25 * ln));
    histogram.set(bin, (histogram.get(bin) ?? 0) + 1);
    sum += ln;
    sumSq += ln * ln;
  }
  return { n, sum, sumSq, histogram, vectorSum: [], days: 28 };
}

/** Values by name; every one of `n` calls has `each` of them. */
function names(n: number, shares: Record<string, number>, each = 1): ShapeSums {
  const histogram = new Map(
    Object.entries(shares).map(([name, share]) => [name, Math.round(share * n * each)]),
  );
  return { n, sum: 0, sumSq: 0, histogram, vectorSum: [], days: 28 };
}

const reference = lengths(20_000, () => 5 + 0.8 * normal());

test.each([
  ['the same', 0, 'steady'],
  ['a fifth of an sd longer', 0.16, 'moved'],
  ['twice as long', Math.LN2, 'far'],
])('lengths: %s', (_, longer, band) => {
  const compared = compareShape('input_length', {
    reference,
    now: lengths(2_000, () => 5 + longer + 0.8 * normal()),
  });
  expect(compared).toMatchObject({ state: 'compared', band });
  // Moved as a whole, the distance of the logarithms is what they moved by.
  if (band !== 'steady') expect(compared.w1_per_sd).toBeCloseTo(longer / 0.8, 1);
});

test('two samples of one distribution stay in the lowest band at the smallest size that is compared', () => {
  for (let time = 0; time < 50; time += 1) {
    const compared = compareShape('input_length', { reference, now: lengths(500, () => 5 + 0.8 * normal()) });
    expect(compared.psi).toBeLessThan(0.1);
    expect(compared.js_distance).toBeLessThan(0.1);
  }
});

test('languages: a tenth more of another is no more than moved, half of it is far', () => {
  const before = names(10_000, { en: 0.9, de: 0.1 });
  const now = (de: number) =>
    compareShape('input_language', { reference: before, now: names(1_000, { en: 1 - de, de }) });
  expect(now(0.1)).toMatchObject({ band: 'steady', psi: 0, js_distance: 0, w1_per_sd: null });
  expect(now(0.2).band).toBe('moved');
  expect(now(0.5)).toMatchObject({ band: 'far', text: 'Moved far: English 50 %, 90 % before.' });
});

test('a language nobody wrote in before is compared, and finite', () => {
  const compared = compareShape('input_language', {
    reference: names(10_000, { en: 1 }),
    now: names(1_000, { en: 0.7, ja: 0.3 }),
  });
  expect(compared.psi).toBeGreaterThan(0.25);
  expect(Number.isFinite(compared.psi)).toBe(true);
});

test('too few values, too few words, no texts and no embeddings are said, never compared', () => {
  const few = lengths(499, () => 5);
  expect(compareShape('input_length', { reference, now: few }).state).toBe('not_enough');
  expect(compareShape('input_length', { reference: few, now: reference }).state).toBe('not_enough');
  const bins = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [at, 1 / 64]));
  const topics = (words: number) =>
    compareShape('input_topic', { reference: names(10_000, bins, 9), now: names(600, bins, words) });
  expect(topics(2)).toMatchObject({ state: 'not_enough', band: null });
  expect(topics(9)).toMatchObject({ state: 'compared', band: 'steady' });
  expect(compareShape('input_topic', {})).toMatchObject({ state: 'no_content', band: null, bins: [] });
  expect(compareShape('output_topic', { reference: names(10_000, bins) }).state).toBe('no_content');
  expect(compareShape('input_embedding', {}).state).toBe('not_sent');
});

test('what is drawn has every value once', () => {
  const { bins } = compareShape('input_length', { reference, now: lengths(2_000, () => 6 + 0.8 * normal()) });
  expect(bins.length).toBeLessThanOrEqual(24);
  for (const side of ['reference', 'now'] as const) {
    expect(bins.reduce((sum, bin) => sum + bin[side], 0)).toBeCloseTo(1, 9);
  }
  for (let at = 1; at < bins.length; at += 1) expect(bins[at]!.low).toBe(bins[at - 1]!.high);
});
