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
    expect(share).toBeGreaterThan(0.945);
    expect(share).toBeLessThan(0.975);
  }
});

/** Strata as [share of the calls, chance of being scored, odds of a defect against the other strata]. */
type Stratum = readonly [share: number, chance: number, odds: number];
const designs: Record<string, readonly Stratum[]> = {
  'all alike': [[1, 0.2, 1]],
  '10:1': [
    [0.1, 1, 1],
    [0.9, 0.1, 1],
  ],
  '10:1, worse where it is chosen more': [
    [0.1, 1, 4],
    [0.9, 0.1, 1],
  ],
  '20:6:1': [
    [0.05, 1, 1],
    [0.25, 0.3, 1],
    [0.7, 0.05, 1],
  ],
  '20:6:1, worse where it is chosen more': [
    [0.05, 1, 4],
    [0.25, 0.3, 1],
    [0.7, 0.05, 1],
  ],
  '20:6:1, better where it is chosen more': [
    [0.05, 1, 0.25],
    [0.25, 0.3, 1],
    [0.7, 0.05, 1],
  ],
};

/** `npm run simulate:intervals` asks for more. */
const times = Number(process.env.DRIFTLINE_TEST_SIMULATIONS ?? 1);
const sizes = times > 1 ? [30, 60, 100, 200, 500, 1_000, 2_000] : [100, 500, 2_000];
const defects = times > 1 ? [0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5] : [0.01, 0.03, 0.1, 0.3];

test('intervals of a share of defects hold in 94 to 96 % wherever the sample is worth twelve of them, and nearly so below', {
  timeout: 900_000 * times,
}, () => {
  const runs = 1_500 * times;
  const { next } = seeded(41);
  // What the luck of so few runs adds on either side, three standard errors.
  const luck = 3 * Math.sqrt((0.95 * 0.05) / runs);
  const found = Object.entries(designs).flatMap(([design, strata]) =>
    sizes.flatMap(n => defects.map(p => ({ design, n, p, ...coverageOf(next, { strata, n, p, runs }) }))),
  );
  if (times > 1) report(found);
  const told = found.map(({ design, n, p, worth, held }) => ({ at: `${design}, ${n}, ${p}`, worth, held }));
  // Whole numbers: even equal weights move the coverage by up to 0.058 / sqrt(worth) at each end.
  const lattice = (worth: number) => Math.min(0.03, 0.058 / Math.sqrt(worth));
  const off = told.filter(({ worth, held }) => {
    const room = worth >= 12 ? Math.max(0.01, lattice(worth)) : worth >= 3 ? 0.03 : 0.06;
    return held < 0.95 - room - luck || held > 0.95 + Math.max(room, 0.03) + luck;
  });
  expect(off).toEqual([]);
  const mean = (worthAtLeast: number) => {
    const those = told.filter(({ worth }) => worth >= worthAtLeast);
    return those.reduce((sum, { held }) => sum + held, 0) / those.length;
  };
  for (const worth of [0, 3, 12]) {
    expect(mean(worth)).toBeGreaterThan(0.945);
    expect(mean(worth)).toBeLessThan(0.96);
  }
});

interface Asked {
  strata: readonly Stratum[];
  n: number;
  p: number;
  runs: number;
}

/** `worth`: n p (1 - p) of as many equally weighted scores as are as sure. `n` scores are expected, p the share of defects. */
function coverageOf(next: () => number, { strata, n, p, runs }: Asked) {
  const share = (odds: number, base: number) => (odds * base) / (1 + odds * base);
  let [low, high] = [0, 1e3];
  for (let step = 0; step < 60; step += 1) {
    const base = (low + high) / 2;
    const mean = strata.reduce((sum, [part, , odds]) => sum + part * share(odds, base), 0);
    if (mean < p) low = base;
    else high = base;
  }
  const calls = n / strata.reduce((sum, [part, chance]) => sum + part * chance, 0);
  const parts = strata.map(([part, chance, odds]) => ({ part, chance, defect: share(odds, low) }));
  const variance = parts.reduce(
    (sum, { part, chance, defect }) =>
      sum + (part * (defect * (1 - defect) + (defect - p) ** 2)) / chance / calls,
    0,
  );
  let held = 0;
  for (let run = 0; run < runs; run += 1) {
    const sums = { ...scoreSums([]), min: 0, max: 1 };
    for (const { part, chance, defect } of parts) {
      const scored = parts.length === 1 ? n : poisson(next, calls * part * chance);
      const bad = binomial(next, scored, defect);
      const w = 1 / chance;
      sums.n += scored;
      sums.w += w * scored;
      sums.ww += w * w * scored;
      sums.wx += w * bad;
      sums.wxx += w * bad;
      sums.wwx += w * w * bad;
      sums.wwxx += w * w * bad;
    }
    if (holds(estimate(sums)?.process ?? null, p)) held += 1;
  }
  return { worth: (p * (1 - p)) ** 2 / variance, held: held / runs };
}

const gauss = (next: () => number) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
/** Counts; from 40 on by the nearest normal number. */
function poisson(next: () => number, mean: number): number {
  if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss(next)));
  const least = Math.exp(-mean);
  let count = 0;
  for (let left = next(); left > least; left *= next()) count += 1;
  return count;
}

function binomial(next: () => number, n: number, p: number): number {
  const mean = n * p;
  if (Math.min(mean, n - mean) > 40)
    return Math.min(n, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - p)) * gauss(next))));
  let count = 0;
  for (let at = 0; at < n; at += 1) if (next() < p) count += 1;
  return count;
}

function report(found: readonly { design: string; n: number; p: number; worth: number; held: number }[]) {
  for (const [from, to] of [
    [0, 1],
    [1, 3],
    [3, 6],
    [6, 12],
    [12, 35],
    [35, Number.POSITIVE_INFINITY],
  ] as const) {
    for (const isAlike of [true, false]) {
      const held = found
        .filter(one => one.worth >= from && one.worth < to && (one.design === 'all alike') === isAlike)
        .map(one => 100 * one.held);
      const within = held.filter(one => one >= 94 && one <= 96).length;
      const mean = held.reduce((sum, one) => sum + one, 0) / held.length;
      console.log(
        `worth ${from} to ${to}, ${isAlike ? 'equal' : 'skewed'} weights: ${within} of ${held.length} within 94 to 96 %, mean ${mean.toFixed(1)}, ${Math.min(...held).toFixed(1)} to ${Math.max(...held).toFixed(1)}`,
      );
    }
  }
}

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
