import { studentTwoSidedP } from './student-t.ts';

/** How far the mean moved, with limits that hold at every look. In the metric's scale. */
export interface ShiftInterval {
  shift: number;
  low: number;
  high: number;
}

/**
 * Two-sided normal-mixture boundary u(v) = √((v + ρ) ln((v + ρ)/(ρ a²))): P(any t: |S_t| ≥ u(V_t)) ≤ a for a sum S
 * that is sub-Gaussian with variance V. Howard, Ramdas, McAuliffe, Sekhon, Time-uniform, nonparametric, nonasymptotic
 * confidence sequences (2021). `rho` is the variance at which the boundary is tightest.
 */
export function normalMixtureBoundary(variance: number, rho: number, alpha: number): number {
  return Math.sqrt((variance + rho) * Math.log((variance + rho) / (rho * alpha ** 2)));
}

/**
 * Confidence sequence of the shift from S = Σ r/V (`weightedResidual`) and A = Σ 1/V (`information`): S has variance
 * proxy A, so the shift is S/A ± u(A)/A. `rho` is the information of one baseline day. Null without
 * information. The limits are exact for a start fixed beforehand; a start picked by the detector makes the estimate
 * right after an alarm a little too large, and later data repair that.
 */
export function shiftInterval(
  sums: { weightedResidual: number; information: number },
  rho: number,
  alpha = 0.05,
): ShiftInterval | null {
  if (!(sums.information > 0)) return null;
  const shift = sums.weightedResidual / sums.information;
  const radius = normalMixtureBoundary(sums.information, rho, alpha) / sums.information;
  return { shift, low: shift - radius, high: shift + radius };
}

/** Size, mean and variance (n − 1 in the denominator) of a sample. */
export interface Moments {
  n: number;
  mean: number;
  variance: number;
}

/** Moments of any window from its summed buckets; null without values, variance 0 for a single one. */
export function momentsOf(total: { n: number; sum: number; sumSq: number }): Moments | null {
  const { n, sum, sumSq } = total;
  if (!(n > 0)) return null;
  return { n, mean: sum / n, variance: n > 1 ? Math.max(0, sumSq - (sum * sum) / n) / (n - 1) : 0 };
}

export interface WelchTest {
  /** Positive when `a` has the larger mean. */
  t: number;
  df: number;
  pTwoSided: number;
}

/**
 * Welch's test that two means are equal (Welch, The generalization of Student's problem when several different
 * population variances are involved, 1947; degrees of freedom by Satterthwaite). Null when a side has fewer than two
 * values or neither varies: then there is nothing to judge by.
 */
export function welch(a: Moments, b: Moments): WelchTest | null {
  if (!(a.n >= 2 && b.n >= 2)) return null;
  const errorA = a.variance / a.n;
  const errorB = b.variance / b.n;
  const error = errorA + errorB;
  if (!(error > 0)) return null;
  const t = (a.mean - b.mean) / Math.sqrt(error);
  const df = error ** 2 / (errorA ** 2 / (a.n - 1) + errorB ** 2 / (b.n - 1));
  return { t, df, pTwoSided: studentTwoSidedP(t, df) };
}

export type Sureness =
  | 'practically certain'
  | 'very sure'
  | 'fairly sure'
  | 'not sure yet'
  | 'could be noise';

/** Words for a chance of noise in [0, 1] (detector.ts), always shown beside the figure. */
export function sureness(chance: number): Sureness {
  if (chance <= 0.0001) return 'practically certain';
  if (chance <= 0.01) return 'very sure';
  if (chance <= 0.05) return 'fairly sure';
  return chance <= 0.5 ? 'not sure yet' : 'could be noise';
}
