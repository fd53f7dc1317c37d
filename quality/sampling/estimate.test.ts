import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { drawOf } from './draw.ts';
import { type Estimate, estimate, scoreSums, type Weighed } from './estimate.ts';
import { normalQuantile, tQuantile } from './student-t.ts';

type Call = Weighed & { isChosen: boolean };

/** 10:1: a tenth of the calls is of a bad segment and chosen ten times as often. */
const skewed = { rare: 0.1, rareRate: 1, commonRate: 0.1 };

function callsOf(random: () => number, size: number, mark: (isRare: boolean) => number): Call[] {
  return Array.from({ length: size }, () => {
    const isRare = random() < skewed.rare;
    const probability = isRare ? skewed.rareRate : skewed.commonRate;
    return { value: mark(isRare), probability, isChosen: random() < probability };
  });
}

const meanOf = (calls: readonly Weighed[]) => calls.reduce((sum, { value }) => sum + value, 0) / calls.length;

test('under 10:1 skewed sampling the weighted mean is off by less than 0.2 points, the naive one by far more', () => {
  const { next } = seeded(7);
  const calls = callsOf(next, 4_000, isRare => (next() < (isRare ? 0.55 : 0.92) ? 1 : 0));
  const truth = meanOf(calls);
  const seeds = 300;
  let weighted = 0;
  let naive = 0;
  for (let seed = 0; seed < seeds; seed += 1) {
    const chosen = calls.filter(
      ({ probability }, at) =>
        drawOf({ traceId: `trace-${at}`, spanId: '0123456789abcdef', seed: String(seed) }) < probability,
    );
    weighted += estimate(scoreSums(chosen))!.mean / seeds;
    naive += meanOf(chosen) / seeds;
  }
  expect(Math.abs(weighted - truth) * 100).toBeLessThan(0.2);
  expect(Math.abs(naive - truth) * 100).toBeGreaterThan(10);
});

type Marks = (random: () => number) => (isRare: boolean) => number;
const aDefect: Marks = random => isRare => (random() < (isRare ? 0.12 : 0.02) ? 1 : 0);
const cases: [string, Marks, number][] = [
  [
    'a share of good answers',
    random => isRare => (random() < (isRare ? 0.55 : 0.92) ? 1 : 0),
    0.9 * 0.92 + 0.1 * 0.55,
  ],
  [
    'marks between 0 and 1',
    random => isRare => (isRare ? random() ** 2 : 1 - random() ** 2),
    0.9 * (2 / 3) + 0.1 / 3,
  ],
  ['marks from 1 to 5', random => isRare => 1 + Math.floor((isRare ? 3 : 5) * random()), 0.9 * 3 + 0.1 * 2],
];

test.each(cases)('intervals at level 0.95 of %s hold in 94 to 96 of 100 runs', (_name, marks, truth) => {
  for (const share of coverage(marks, truth)) {
    expect(share).toBeGreaterThan(0.94);
    expect(share).toBeLessThan(0.96);
  }
});

test('of a defect of 3 %, a handful of scores, they hold at least as often', () => {
  for (const share of coverage(aDefect, 0.03)) {
    expect(share).toBeGreaterThan(0.94);
    expect(share).toBeLessThan(0.98);
  }
});

/** How often the intervals held what they are of: the mean of all calls that might happen, and of those that did. */
function coverage(marks: Marks, truth: number): number[] {
  const { next } = seeded(11);
  const runs = 4_000;
  const held = { all: 0, these: 0 };
  for (let run = 0; run < runs; run += 1) {
    const calls = callsOf(next, 1_200, marks(next));
    const found = estimate(scoreSums(calls.filter(({ isChosen }) => isChosen)))!;
    if (holds(found.process, truth)) held.all += 1;
    if (holds(found.calls, meanOf(calls))) held.these += 1;
  }
  return [held.all / runs, held.these / runs];
}

const holds = (interval: Estimate['process'], truth: number) =>
  interval !== null && interval.low <= truth && truth <= interval.high;

test('everything scored: the mean of the calls is known, what they are of is not', () => {
  const all = [1, 1, 0, 1].map(value => ({ value, probability: 1 }));
  const found = estimate(scoreSums(all))!;
  expect(found).toMatchObject({ mean: 0.75, effectiveN: 4, calls: { low: 0.75, high: 0.75 } });
  expect(found.process!.low).toBeLessThan(0.4);
  expect(found.process!.high).toBeGreaterThan(0.9);
});

test('only good answers: Wilson, not certainty', () => {
  const found = estimate(scoreSums(Array.from({ length: 100 }, () => ({ value: 1, probability: 0.1 }))))!;
  // Wilson (1927) for 100 of 100: 100 / (100 + 1.96²).
  expect(found.process!.low).toBeCloseTo(100 / (100 + 1.959964 ** 2), 5);
  expect(found.process!.high).toBe(1);
});

// Kish (1965): effective size of 10 scores of weight 1 and 10 of weight 10: (10 + 100)² / (10 + 1000).
test('unequal weights are worth fewer scores', () => {
  const scores = Array.from({ length: 20 }, (_, at) => ({ value: at % 2, probability: at < 10 ? 1 : 0.1 }));
  expect(estimate(scoreSums(scores))!.effectiveN).toBeCloseTo(12_100 / 1_010, 9);
});

test('nothing and a single mark', () => {
  expect(estimate(scoreSums([]))).toBeNull();
  expect(estimate(scoreSums([{ value: 4, probability: 0.5 }]))).toMatchObject({ mean: 4, process: null });
});

test('the mean is between the extremes and inside its intervals, whatever the weights', () => {
  const weighed = fc.record({
    value: fc.double({ min: 0, max: 1, noNaN: true }),
    probability: fc.double({ min: 0.001, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(weighed, { minLength: 1, maxLength: 30 }), scores => {
      const sums = scoreSums(scores);
      const { mean, process, calls, effectiveN } = estimate(sums)!;
      expect(mean).toBeGreaterThanOrEqual(sums.min - 1e-9);
      expect(mean).toBeLessThanOrEqual(sums.max + 1e-9);
      for (const { low, high } of [process!, calls!]) {
        expect(low).toBeLessThanOrEqual(mean);
        expect(high).toBeGreaterThanOrEqual(mean);
      }
      expect(effectiveN).toBeLessThanOrEqual(scores.length + 1e-9);
    }),
  );
});

// Table of Student's t, e.g. NIST/SEMATECH e-Handbook 1.3.6.7.2.
test.each([
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [5, 2.571],
  [10, 2.228],
  [30, 2.042],
  [100, 1.984],
])('t with %i degrees', (degrees, expected) => {
  expect(tQuantile(0.975, degrees) / expected).toBeCloseTo(1, 1.7);
});

test.each([
  [0.5, 0],
  [0.975, 1.959963985],
  [0.001, -3.090232306],
  [0.999999, 4.753424309],
])('normal quantile of %d', (p, expected) => {
  expect(normalQuantile(p)).toBeCloseTo(expected, 6);
});
