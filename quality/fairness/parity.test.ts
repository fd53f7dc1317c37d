import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { noSums, sumUnits } from '../canary/arm-sums.ts';
import { type Cohort, parity, rejectedByEvidence } from './parity.ts';

const options = { smallestGap: 0.02, falseDiscoveryRate: 0.05, better: 'higher' } as const;

/** Users with four calls each; users differ among themselves, so that calls of one are alike. */
function cohort(next: () => number, value: string, users: number, quality: number): Cohort {
  const sums = (draw: () => number) =>
    sumUnits(Array.from({ length: users }, () => ({ calls: 4, w: 4, a: draw() })));
  const marks = () => {
    const taste = quality + 0.2 * (next() - 0.5);
    return [0, 0, 0, 0].reduce(sum => sum + (next() < taste ? 1 : 0), 0);
  };
  const rare = (rate: number) => () => [0, 0, 0, 0].reduce(sum => sum + (next() < rate ? 1 : 0), 0);
  return {
    value,
    calls: 4 * users,
    users,
    quality: sums(marks),
    refusal: sums(rare(0.02)),
    latency: sums(rare(0.05)),
  };
}

const flagsOf = (cohorts: readonly Cohort[]) =>
  parity(cohorts, options).flatMap(({ value, gaps }) =>
    gaps.filter(gap => gap.flagged).map(({ measure }) => `${value} ${measure}`),
  );

test('cohorts that are alike get no flag', () => {
  const { next } = seeded(41);
  for (let page = 0; page < 60; page += 1) {
    const cohorts = Array.from({ length: 12 }, (_, at) => cohort(next, `cohort-${at}`, 300, 0.8));
    expect(flagsOf(cohorts)).toEqual([]);
  }
});

test('a planted gap of 4 points is found, and nothing else', () => {
  const { next } = seeded(42);
  for (let page = 0; page < 10; page += 1) {
    const cohorts = Array.from({ length: 8 }, (_, at) =>
      cohort(next, `cohort-${at}`, 2_500, at === 3 ? 0.76 : 0.8),
    );
    const flags = flagsOf(cohorts);
    expect(flags).toEqual(['cohort-3 quality']);
    const gap = parity(cohorts, options)[3]!.gaps[0]!;
    expect(gap.low).toBeLessThan(-0.04 + 0.02);
    expect(gap.high).toBeLessThan(0);
    expect(gap.disadvantage).toBe(true);
  }
});

test('intervals of a gap of 4 points hold it', () => {
  const { next } = seeded(43);
  let held = 0;
  for (let page = 0; page < 100; page += 1) {
    const cohorts = [cohort(next, 'a', 800, 0.76), cohort(next, 'b', 3_000, 0.8)];
    const { low, high } = parity(cohorts, options)[0]!.gaps[0]!;
    if (low! <= -0.04 && high! >= -0.04) held += 1;
  }
  expect(held).toBeGreaterThanOrEqual(95);
});

test('small cohorts are not shown', () => {
  const { next } = seeded(44);
  const large = cohort(next, 'large', 100, 0.8);
  const few = { ...cohort(next, 'few users', 100, 0.8), users: 4 };
  const rare = { ...cohort(next, 'few calls', 100, 0.8), calls: 49 };
  expect(parity([large, few, rare], options).map(({ value }) => value)).toEqual(['large']);
  expect(parity([{ ...large, quality: noSums }, few], options)[0]!.gaps[0]).toMatchObject({
    gap: null,
    e_value: null,
  });
});

interface Reference {
  cases: { kind: string; input: { e: number[]; alpha: number }; expected: { rejected_indices: number[] } }[];
}
const { cases } = JSON.parse(readFileSync('../shared/statistics-reference.json', 'utf8')) as Reference;

test.each(cases.filter(({ kind }) => kind === 'e_bh'))('e-BH on $input', ({ input, expected }) => {
  const rejected = rejectedByEvidence(input.e, input.alpha).flatMap((is, at) => (is ? [at] : []));
  expect(rejected).toEqual(expected.rejected_indices);
});
