import { kolmogorovLimitTail, kolmogorovTail } from './kolmogorov-distribution.ts';
import { ascending, requireSameLength, requireSample, totalOf } from './sample.ts';

export interface KolmogorovSmirnov {
  /** Largest distance of the two distribution functions. */
  d: number;
  /** Null above ten million pairs of values, where it takes too long and the others agree with it. */
  pExact: number | null;
  /** Finite-n distribution at n = round(nm/(n + m)). */
  pAsymptotic: number;
  /** Limiting distribution at √(nm/(n + m)) d. */
  pKolmogorovLimit: number;
}

const exactPairs = 10_000_000;

/** Two-sample Kolmogorov–Smirnov test (Smirnov, 1939). With ties the p-values are upper bounds. RangeError for an empty side. */
export function kolmogorovSmirnov(x: readonly number[], y: readonly number[]): KolmogorovSmirnov {
  requireSample(x, 'x');
  requireSample(y, 'y');
  const a = ascending(x);
  const b = ascending(y);
  const [n, m] = [a.length, b.length];
  let i = 0;
  let j = 0;
  // |i/n − j/m| in whole steps of 1/(nm), so that no rounding decides.
  let steps = 0;
  while (i < n && j < m) {
    const next = Math.min(a[i]!, b[j]!);
    while (i < n && a[i] === next) i += 1;
    while (j < m && b[j] === next) j += 1;
    steps = Math.max(steps, Math.abs(i * m - j * n));
  }
  const d = steps / (n * m);
  return { d, pExact: n * m <= exactPairs ? exactTail(n, m, steps) : null, ...approximateTails(n, m, d) };
}

/** The same on two histograms over the same ordered bins: d between bin edges, a lower bound of the raw one. */
export function kolmogorovSmirnovOfCounts(
  x: readonly number[],
  y: readonly number[],
): Omit<KolmogorovSmirnov, 'pExact'> {
  requireSameLength(x, y, 'x and y');
  const n = totalOf(x, 'x');
  const m = totalOf(y, 'y');
  let difference = 0;
  let d = 0;
  for (let i = 0; i < x.length; i += 1) {
    difference += x[i]! / n - y[i]! / m;
    d = Math.max(d, Math.abs(difference));
  }
  return { d, ...approximateTails(n, m, Math.min(1, d)) };
}

function approximateTails(n: number, m: number, d: number) {
  // n·m would lose digits above 2^53; the harmonic form does not.
  const effective = 1 / (1 / n + 1 / m);
  return {
    pAsymptotic: kolmogorovTail(Math.max(1, roundHalfEven((n * m) / (n + m))), d),
    pKolmogorovLimit: kolmogorovLimitTail(Math.sqrt(effective) * d),
  };
}

/** As IEEE 754 rounds, so that samples of equal odd sizes give the same n as elsewhere. */
function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/**
 * P(D ≥ d) over all orders of n + m distinct values: the probability that a random lattice path ever leaves |i m − j n| < steps
 * (Hodges, The significance probability of the Smirnov two-sample test, 1957). What leaves is added up, so small p keep
 * their digits.
 */
function exactTail(n: number, m: number, steps: number): number {
  if (steps === 0) return 1;
  let left = 0;
  // alive[j]: probability of being at (i, j) and never having left.
  const alive = new Float64Array(m + 1);
  for (let i = 0; i <= n; i += 1) {
    for (let j = 0; j <= m; j += 1) {
      const rest = n + m - i - j + 1;
      const fromBefore = i > 0 ? (alive[j]! * (n - i + 1)) / rest : 0;
      const fromBelow = j > 0 ? (alive[j - 1]! * (m - j + 1)) / rest : 0;
      const here = i === 0 && j === 0 ? 1 : fromBefore + fromBelow;
      const outside = Math.abs(i * m - j * n) >= steps;
      if (outside) left += here;
      alive[j] = outside ? 0 : here;
    }
  }
  return Math.min(1, left);
}
