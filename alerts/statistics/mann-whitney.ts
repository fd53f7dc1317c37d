import { normalTwoSidedP } from './incomplete-gamma.ts';
import { requireSample } from './sample.ts';

export interface MannWhitney {
  /** U of the first sample: pairs in which it is the larger one, ties counting half. */
  u1: number;
  /** With the continuity correction of ½; the variance is corrected for ties. */
  pAsymptoticContinuity: number;
  pAsymptotic: number;
  /** Null with ties, and above so many pairs, where the normal is as good. */
  pExact: number | null;
  /** P(first > second) + ½ P(equal): the effect size. */
  superiority: number;
}

/** The exact tail takes as many steps as half their square. */
const exactPairsDefault = 40_000;

/**
 * Mann–Whitney's U, two-sided (Mann, Whitney, On a test of whether one of two random variables is stochastically larger than
 * the other, 1947; ties: Lehmann, Nonparametrics, 1975). RangeError for an empty side and when all values are equal.
 */
export function mannWhitney(
  x: readonly number[],
  y: readonly number[],
  exactPairs = exactPairsDefault,
): MannWhitney {
  requireSample(x, 'x');
  requireSample(y, 'y');
  const n = x.length;
  const m = y.length;
  const { rankSum, tieTerm } = ranks(x, y);
  const u1 = rankSum - (n * (n + 1)) / 2;
  const middle = (n * m) / 2;
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - tieTerm / (total * (total - 1)));
  if (!(variance > 0)) throw new RangeError('all values are equal: nothing to compare');
  const away = Math.abs(u1 - middle);
  const sd = Math.sqrt(variance);
  return {
    u1,
    pAsymptoticContinuity: normalTwoSidedP(Math.max(0, away - 0.5) / sd),
    pAsymptotic: normalTwoSidedP(away / sd),
    pExact: tieTerm === 0 && n * m <= exactPairs ? exactP(n, m, middle + away) : null,
    superiority: u1 / (n * m),
  };
}

/** Sum of the first sample's mid-ranks, and Σ (t³ − t) over groups of t equal values. */
function ranks(x: readonly number[], y: readonly number[]): { rankSum: number; tieTerm: number } {
  const values = Float64Array.from([...x, ...y]);
  const sorted = Float64Array.from(values).sort();
  const own = Float64Array.from(x).sort();
  let rankSum = 0;
  let tieTerm = 0;
  let mine = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end += 1;
    const equal = end - start;
    let count = 0;
    while (mine < own.length && own[mine] === sorted[start]) {
      mine += 1;
      count += 1;
    }
    rankSum += (count * (start + 1 + end)) / 2;
    tieTerm += equal ** 3 - equal;
    start = end;
  }
  return { rankSum, tieTerm };
}

/**
 * Twice P(U ≥ u), at most 1, from the recursion of Mann and Whitney in probabilities:
 * p_{n,m}(u) = n/(n+m) p_{n−1,m}(u − m) + m/(n+m) p_{n,m−1}(u).
 */
function exactP(n: number, m: number, u: number): number {
  // U ≥ u is as likely as U ≤ nm − u: the short end is enough.
  const most = Math.floor(n * m - u);
  let row: Float64Array[] = Array.from({ length: m + 1 }, () => point(most));
  for (let i = 1; i <= n; i += 1) {
    const next: Float64Array[] = [point(most)];
    for (let j = 1; j <= m; j += 1) {
      const upTo = new Float64Array(most + 1);
      const fewer = row[j]!;
      const below = next[j - 1]!;
      for (let value = 0; value <= most; value += 1) {
        const shifted = value >= j ? (i / (i + j)) * fewer[value - j]! : 0;
        upTo[value] = shifted + (j / (i + j)) * below[value]!;
      }
      next.push(upTo);
    }
    row = next;
  }
  return Math.min(1, 2 * row[m]!.reduce((sum, p) => sum + p, 0));
}

function point(most: number): Float64Array {
  const distribution = new Float64Array(most + 1);
  distribution[0] = 1;
  return distribution;
}
