import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { studentTwoSidedP } from '../drift/student-t.ts';
import { chiSquareHomogeneity } from './categories.ts';
import { checkCases } from './check-cases.ts';
import { compareWindows, type HourRollUp } from './compare-windows.ts';
import { jensenShannonDistance, populationStability, wasserstein1 } from './distances.ts';
import { chiSquareP, normalTwoSidedP } from './incomplete-gamma.ts';
import { kolmogorovLimitTail, kolmogorovTail } from './kolmogorov-distribution.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { mannWhitney } from './mann-whitney.ts';
import { sampleMoments, welchTest } from './means.ts';
import { adjustP, rejectByEValues } from './multiple-testing.ts';
import { twoProportionZ } from './proportions.ts';

const file = fileURLToPath(new URL('../../../shared/statistics-reference.json', import.meta.url));

test('every reference case is within tolerance', () => {
  const { cases, failures } = checkCases(JSON.parse(readFileSync(file, 'utf8')));
  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(50);
});

describe('checkCases', () => {
  const one = { id: 'a', kind: 'e_bh', input: { e: [100], alpha: 0.1 }, tolerance: 0 };
  const failuresOf = (more: object) => checkCases({ cases: [{ ...one, ...more }] }).failures;

  it('tells what is wrong', () => {
    expect(failuresOf({ expected: { rejected_indices: [0] } })).toEqual([]);
    expect(failuresOf({ expected: { rejected_indices: [] } })).toEqual([
      'a (e_bh): rejected_indices has another length',
    ]);
    expect(failuresOf({ expected: { x: 1 } })).toEqual(['a (e_bh): x is not computed']);
    expect(failuresOf({ kind: 'x', expected: {} })).toEqual(['a (x): unknown kind of case: x']);
    expect(failuresOf({ input: {}, expected: {} })).toEqual(['a (e_bh): e is not a list']);
    expect(() => checkCases({})).toThrow('the file has no list "cases"');
  });
});

/** Right to nine digits, however small: values of scipy 1.17. */
const tails: [name: string, got: number, expected: number][] = [
  ['normal 10', normalTwoSidedP(10), 1.523970604832094e-23],
  ['normal 37', normalTwoSidedP(37), 1.1451142445047853e-299],
  ['chi-square 1400 of 3', chiSquareP(1400, 3), 2.945619361016289e-303],
  ['chi-square 1400 of 10', chiSquareP(1400, 10), 9.92039147980046e-295],
  ['Student 1e5 of 2.5', studentTwoSidedP(1e5, 2.5), 4.549503846351245e-13],
  ['Student 1e5 of 10', studentTwoSidedP(1e5, 10), 2.460937488720702e-46],
  ['Kolmogorov n = 100,000', kolmogorovTail(100_000, 0.05), 1.0446857833684497e-217],
];

describe('tails', () => {
  it.each(tails)('%s', (_, got, expected) => {
    expect(Math.abs(got / expected - 1)).toBeLessThan(1e-9);
  });

  it('of Kolmogorov stay in [0, 1] at both ends', () => {
    expect(kolmogorovTail(10_000, 0.001)).toBeCloseTo(1, 12);
    expect(kolmogorovTail(50, 1)).toBe(0);
    expect(kolmogorovLimitTail(0)).toBe(1);
  });

  it('large samples: Student meets the normal', () => {
    for (const df of [1e5 - 1, 1e5 + 1, 1e9, 1e15]) {
      expect(Math.abs(studentTwoSidedP(2, df) / normalTwoSidedP(2) - 1)).toBeLessThan(2e-4);
    }
    expect(studentTwoSidedP(1e200, 1)).toBeCloseTo(0, 100);
    expect(studentTwoSidedP(1e200, 1) * 1e200).toBeCloseTo(2 / Math.PI, 10);
  });
});

test('unusable input is a clear error, never NaN', () => {
  expect(() => populationStability([0, 0], [1, 2])).toThrow('reference is empty: every count is zero');
  expect(() => populationStability([1], [1, 2])).toThrow('they must be as many');
  expect(() => jensenShannonDistance([1, -1], [1, 2])).toThrow('reference[1] is negative');
  expect(() => wasserstein1([], [1])).toThrow('x needs at least one value, got 0');
  expect(() => wasserstein1([Number.NaN], [1])).toThrow('x[0] is NaN, not a finite number');
  expect(() => kolmogorovSmirnov([1], [])).toThrow('y needs at least one value');
  expect(() => mannWhitney([2, 2], [2])).toThrow('all values are equal');
  expect(() => sampleMoments([1], 'x')).toThrow('x needs at least 2 values');
  const constant = sampleMoments([3, 3, 3], 'x');
  expect(() => welchTest(constant, constant)).toThrow('neither side varies');
  expect(() => chiSquareHomogeneity([5, 0], [7, 0])).toThrow('one category only');
  expect(() => twoProportionZ({ successes: 0, n: 5 }, { successes: 0, n: 9 })).toThrow('ended the same way');
  expect(() => twoProportionZ({ successes: 1, n: 0 }, { successes: 0, n: 9 })).toThrow('needs trials');
  expect(() => adjustP([2])).toThrow('not in [0, 1]');
  expect(() => rejectByEValues([-1], 0.1)).toThrow('not an e-value');
  expect(adjustP([])).toEqual({ bh: [], by: [], holm: [] });
});

test('large and tied samples stay finite', () => {
  const many = Array.from({ length: 100_000 }, (_, at) => at % 7);
  const other = many.map(value => value + (value === 3 ? 1 : 0));
  const rank = mannWhitney(many, other);
  expect(rank.pExact).toBeNull();
  expect(rank.pAsymptotic).toBeGreaterThan(0);
  expect(rank.pAsymptotic).toBeLessThan(1e-50);
  const shape = kolmogorovSmirnov(many, other);
  expect(shape.d).toBeCloseTo(1 / 7, 4);
  expect(shape.pExact).toBeNull();
  // exp(−2 · 50,000/49) is below the smallest double.
  expect(shape.pKolmogorovLimit).toBe(0);
});

test('two windows from hourly roll-ups: equal ones do not differ, a moved one does in every measure', () => {
  const hour = (moved: number): HourRollUp => {
    const bins = new Map(Array.from({ length: 20 }, (_, bin) => [bin + moved, 50]));
    return { n: 1000, sum: 1000 * (2 + moved), sumSq: 1000 * ((2 + moved) ** 2 + 1), bins };
  };
  const same = compareWindows([hour(0), hour(0)], [hour(0)]);
  expect(same).toMatchObject({ psi: 0, jensenShannon: 0, wasserstein1: 0, ks: { d: 0, p: 1 } });
  expect(same.welch!.t).toBe(0);
  const moved = compareWindows([hour(0), hour(0)], [hour(4)]);
  expect(moved.wasserstein1).toBeCloseTo(4 / 25, 12);
  expect(moved.ks.d).toBeCloseTo(0.2, 12);
  expect(moved.psi).toBeGreaterThan(0.25);
  expect(moved.welch!.t).toBeGreaterThan(10);
  expect(() => compareWindows([], [hour(0)])).toThrow('the reference window is empty');
});
