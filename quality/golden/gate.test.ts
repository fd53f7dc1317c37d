import { expect, test } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { counted, isAbove, lowerBound, upperBound } from './betting.ts';
import { judgeDifferences } from './gate.ts';

const asked = { margin: 0.02, alpha: 0.05 };
const judge = (known: number[], unknown: number[] = [], with_ = asked) =>
  judgeDifferences({ known, unknown }, with_);

/** Differences of a candidate whose true mean difference is exactly −margin, of the kinds that mislead other tests. */
const atTheBorder: Record<
  'one answer in fifty breaks' | 'better and worse about as often' | 'small differences everywhere',
  (next: () => number) => number
> = {
  'one answer in fifty breaks': (next: () => number) => (next() < 0.02 ? -1 : 0),
  'better and worse about as often': (next: () => number) =>
    next() < 0.1 ? 1 : next() < 0.12 / 0.9 ? -1 : 0,
  'small differences everywhere': (next: () => number) => -0.02 + Math.floor(next() * 5 - 2) / 10,
};

/** `npm run simulate:canary` asks for more. */
const times = Number(process.env.DRIFTLINE_TEST_SIMULATIONS ?? 1);
const runs = 400 * times;
const most = 240;
const peekEvery = 40;

test.each(Object.entries(atTheBorder))(
  'a candidate worse by just the margin passes or fails wrongly no more often than alpha, however often one looks: %s',
  { timeout: 900_000 * times },
  (_name, draw) => {
    const { next } = seeded(11);
    let [passed, failed] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      const differences: number[] = [];
      const seen = new Set<string>();
      while (differences.length < most) {
        differences.push(Math.round(draw(next) * 100) / 100);
        if (differences.length % peekEvery === 0) seen.add(judge(differences).verdict);
      }
      if (seen.has('pass')) passed += 1;
      if (seen.has('fail')) failed += 1;
    }
    if (times > 1) console.log({ passed, failed, of: runs });
    expect(passed / runs).toBeLessThanOrEqual(asked.alpha);
    expect(failed / runs).toBeLessThanOrEqual(asked.alpha);
  },
);

/** Verdicts come of these two alone; bounds are for people. */
function firstVerdict(next: () => number, draw: (next: () => number) => number, cases: number) {
  const [better, worse] = [new Map<number, number>(), new Map<number, number>()];
  const border = (1 - asked.margin) / 2;
  const seen = new Set<'pass' | 'fail'>();
  for (let at = 0; at < cases; at += 1) {
    const value = Math.round((1 + draw(next)) * 50) / 100;
    better.set(value, (better.get(value) ?? 0) + 1);
    worse.set(1 - value, (worse.get(1 - value) ?? 0) + 1);
    if (isAbove(better, border, asked.alpha)) seen.add('pass');
    if (isAbove(worse, 1 - border, asked.alpha)) seen.add('fail');
  }
  return seen;
}

function tell(found: readonly Set<'pass' | 'fail'>[]): void {
  const count = (verdict: 'pass' | 'fail') => found.filter(seen => seen.has(verdict)).length;
  if (times > 1) console.log({ passed: count('pass'), failed: count('fail'), of: found.length });
}

test('an equal candidate that is looked at after each of 10,000 cases fails in no more than alpha, and passes', {
  timeout: 900_000 * times,
}, () => {
  const { next } = seeded(15);
  const equal = (random: () => number) => (random() < 0.05 ? 1 : random() < 0.05 / 0.95 ? -1 : 0);
  const found = Array.from({ length: 20 * times }, () => firstVerdict(next, equal, 10_000));
  tell(found);
  expect(found.filter(seen => seen.has('fail')).length / found.length).toBeLessThanOrEqual(asked.alpha);
  expect(found.filter(seen => seen.has('pass')).length / found.length).toBeGreaterThan(0.95);
});

test('one that is 3 points worse than the margin allows is found', { timeout: 900_000 * times }, () => {
  const { next } = seeded(16);
  const worse = (random: () => number) => (random() < 0.05 ? -1 : 0);
  const found = Array.from({ length: 40 * times }, () => firstVerdict(next, worse, 2_000));
  tell(found);
  expect(found.filter(seen => seen.has('fail')).length / found.length).toBeGreaterThanOrEqual(0.95);
  expect(found.filter(seen => seen.has('pass')).length / found.length).toBeLessThanOrEqual(asked.alpha);
});

test('a t-test would pass what breaks one answer in fifty', () => {
  const { next } = seeded(12);
  let passed = 0;
  for (let run = 0; run < runs; run += 1) {
    const differences = Array.from({ length: 50 }, () => atTheBorder['one answer in fifty breaks'](next));
    const mean = differences.reduce((sum, one) => sum + one, 0) / 50;
    const sd = Math.sqrt(differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 49);
    if (mean - (1.677 * sd) / Math.sqrt(50) > -0.02) passed += 1;
  }
  expect(passed / runs).toBeGreaterThan(0.25);
});

test('an equal candidate passes and a clearly worse one fails', () => {
  const { next } = seeded(13);
  let [passed, failed] = [0, 0];
  for (let run = 0; run < 50; run += 1) {
    const noise = () => Math.round((next() - 0.5) * 20) / 100;
    const equal = Array.from({ length: 300 }, noise);
    if (judge(equal).verdict === 'pass') passed += 1;
    if (judge(equal.map(one => one - 0.06)).verdict === 'fail') failed += 1;
  }
  expect(passed).toBeGreaterThanOrEqual(40);
  expect(failed).toBeGreaterThanOrEqual(40);
});

test('more cases are asked for until there is a verdict, and as many as it takes', () => {
  const same = (n: number) => judge(Array.from({ length: n }, () => 0));
  const first = same(20);
  expect(first).toMatchObject({ verdict: 'not_enough_cases', difference: 0 });
  const needed = 20 + (first.more ?? 0);
  expect(same(needed).verdict).toBe('pass');
  expect(same(needed - 1).verdict).toBe('not_enough_cases');
  // By the rule of three no method can do with fewer than 148: 0.98 ** 148 is 0.05.
  expect(needed).toBeGreaterThanOrEqual(148);
  expect(needed).toBeLessThan(200);
  expect(judge([]).more).toBeNull();
  const atBorder = Array.from({ length: 100 }, () => -0.02);
  expect(judge(atBorder)).toMatchObject({ verdict: 'not_enough_cases', more: null });
});

test('cases without a score of the candidate count against whatever would be concluded', () => {
  const better = Array.from({ length: 60 }, () => 0.3);
  expect(judge(better).verdict).toBe('pass');
  expect(
    judge(
      better,
      Array.from({ length: 40 }, () => 1),
    ).verdict,
  ).toBe('not_enough_cases');
  const worse = better.map(one => -one);
  expect(judge(worse).verdict).toBe('fail');
  expect(
    judge(
      worse,
      Array.from({ length: 40 }, () => 0),
    ).verdict,
  ).toBe('not_enough_cases');
});

test('bounds agree with the verdict and lie around the mean', () => {
  const { next } = seeded(14);
  for (let run = 0; run < 20; run += 1) {
    const values = Array.from({ length: 30 + run * 10 }, () => Math.round(next() * 10) / 10);
    const seen = counted(values);
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const [low, high] = [lowerBound(seen, 0.05), upperBound(seen, 0.05)];
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
    expect(isAbove(seen, low - 1e-6, 0.05)).toBe(true);
    expect(isAbove(seen, low + 1e-6, 0.05)).toBe(false);
  }
  expect(lowerBound(counted([]), 0.05)).toBe(0);
  expect(upperBound(counted([]), 0.05)).toBe(1);
});
