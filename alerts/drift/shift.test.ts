import { describe, expect, it } from 'vitest';
import { isClose, referenceCases, seededNormal } from '../../test/fixtures/drift-series.ts';
import { momentsOf, normalMixtureBoundary, shiftInterval, sureness, welch } from './shift.ts';

const totals = (values: number[]) => ({
  n: values.length,
  sum: values.reduce((total, value) => total + value, 0),
  sumSq: values.reduce((total, value) => total + value * value, 0),
});

describe('welch', () => {
  it.each(
    referenceCases<{ x: number[]; y: number[] }, { t: number; df: number; p_two_sided: number }>('welch_t'),
  )('gives the reference values of $id from n, sum and sum of squares', ({ input, expected, tolerance }) => {
    const test = welch(momentsOf(totals(input.x))!, momentsOf(totals(input.y))!)!;
    expect(isClose(test.t, expected.t, tolerance)).toBe(true);
    expect(isClose(test.df, expected.df, tolerance)).toBe(true);
    expect(isClose(test.pTwoSided, expected.p_two_sided, tolerance)).toBe(true);
  });

  it.each(
    referenceCases<
      Record<'n1' | 'mean1' | 'sd1' | 'n2' | 'mean2' | 'sd2', number>,
      { t: number; p_two_sided: number }
    >('welch_t_from_moments'),
  )('gives the reference values of $id from moments', ({ input, expected, tolerance }) => {
    const test = welch(
      { n: input.n1, mean: input.mean1, variance: input.sd1 ** 2 },
      { n: input.n2, mean: input.mean2, variance: input.sd2 ** 2 },
    )!;
    expect(isClose(test.t, expected.t, tolerance)).toBe(true);
    expect(isClose(test.pTwoSided, expected.p_two_sided, tolerance)).toBe(true);
  });

  it('has no answer without spread or with a single value', () => {
    expect(welch({ n: 1, mean: 0, variance: 1 }, { n: 9, mean: 1, variance: 1 })).toBeNull();
    expect(welch({ n: 5, mean: 0, variance: 0 }, { n: 9, mean: 1, variance: 0 })).toBeNull();
    expect(momentsOf({ n: 0, sum: 0, sumSq: 0 })).toBeNull();
    expect(momentsOf({ n: 1, sum: 3, sumSq: 9 })).toEqual({ n: 1, mean: 3, variance: 0 });
  });
});

describe('confidence sequence', () => {
  it.each(
    referenceCases<{ v: number; rho: number; alpha: number }, { two_sided_radius_for_sum: number }>(
      'normal_mixture_boundary',
    ),
  )('gives the reference boundary of $id', ({ input, expected, tolerance }) => {
    const radius = normalMixtureBoundary(input.v, input.rho, input.alpha);
    expect(isClose(radius, expected.two_sided_radius_for_sum, tolerance)).toBe(true);
  });

  it('weighs buckets by their information', () => {
    // Residuals 0.02 (V = 0.01) and 0.05 (V = 0.04): S = 2 + 1.25, A = 100 + 25.
    const interval = shiftInterval({ weightedResidual: 3.25, information: 125 }, 100)!;
    expect(interval.shift).toBeCloseTo(0.026, 12);
    expect(interval.high - interval.shift).toBeCloseTo(normalMixtureBoundary(125, 100, 0.05) / 125, 12);
    expect(shiftInterval({ weightedResidual: 0, information: 0 }, 100)).toBeNull();
  });

  it('covers the true shift at every one of 1000 looks in at least 95 % of runs', () => {
    const covered = Array.from({ length: 300 }, (_, seed) => {
      const normal = seededNormal(seed + 1);
      const sums = { weightedResidual: 0, information: 0 };
      for (let look = 0; look < 1000; look++) {
        const variance = 0.0004 * (1 + (look % 3));
        sums.weightedResidual += (0.03 + Math.sqrt(variance) * normal()) / variance;
        sums.information += 1 / variance;
        const { low, high } = shiftInterval(sums, 96 / 0.0008)!;
        if (low > 0.03 || high < 0.03) return false;
      }
      return true;
    });
    expect(covered.filter(Boolean).length / covered.length).toBeGreaterThanOrEqual(0.95);
  });
});

describe('sureness', () => {
  it('says less as chance explains more', () => {
    expect([0, 0.003, 0.03, 0.3, 0.9].map(sureness)).toEqual([
      'practically certain',
      'very sure',
      'fairly sure',
      'not sure yet',
      'could be noise',
    ]);
  });
});
