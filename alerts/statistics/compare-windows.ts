import { mergeCounts } from '../drift/latency-tail.ts';
import { momentsOf } from '../drift/shift.ts';
import { jensenShannonDistance, populationStability, wasserstein1Weighted } from './distances.ts';
import { kolmogorovSmirnovOfCounts } from './kolmogorov-smirnov.ts';
import { welchTest } from './means.ts';

/** One hour of one series: moments of the values, and how many fell into each bin `floor(25 ln value)`. */
export interface HourRollUp {
  n: number;
  sum: number;
  sumSq: number;
  bins: ReadonlyMap<number, number>;
}

export interface WindowComparison {
  /** Means by their moments; positive t: the current mean is larger. Null when neither side varies. */
  welch: { t: number; df: number; pTwoSided: number } | null;
  /** Over ten bins at the reference's deciles, floor 1e-4. */
  psi: number;
  /** Over the same bins, base 2: in [0, 1]. */
  jensenShannon: number;
  /** ln value: Wasserstein-1 distance, and as a share of the reference's sd (null when the reference has one bin only). */
  wasserstein1: number;
  wasserstein1PerSd: number | null;
  ks: { d: number; p: number };
}

const binsPerUnit = 25;

/**
 * Compares two windows of one series, each a sum of hourly roll-ups. Everything is merged first, so the cost hardly depends on
 * the traffic. RangeError when a window has no values.
 */
export function compareWindows(
  reference: readonly HourRollUp[],
  current: readonly HourRollUp[],
): WindowComparison {
  const before = mergeCounts(reference.map(({ bins }) => bins));
  const after = mergeCounts(current.map(({ bins }) => bins));
  if (before.size === 0) throw new RangeError('the reference window is empty');
  if (after.size === 0) throw new RangeError('the current window is empty');
  const order = [...new Set([...before.keys(), ...after.keys()])].sort((one, other) => one - other);
  const x = order.map(bin => before.get(bin) ?? 0);
  const y = order.map(bin => after.get(bin) ?? 0);
  const logs = order.map(bin => (bin + 0.5) / binsPerUnit);
  const distance = wasserstein1Weighted(logs, x, y);
  const sd = deviation(logs, x);
  const deciles = decileCounts(x, y);
  const { d, pKolmogorovLimit } = kolmogorovSmirnovOfCounts(x, y);
  return {
    welch: welchOf(reference, current),
    psi: populationStability(deciles.reference, deciles.current),
    jensenShannon: jensenShannonDistance(deciles.reference, deciles.current, 2),
    wasserstein1: distance,
    wasserstein1PerSd: sd > 0 ? distance / sd : null,
    ks: { d, p: pKolmogorovLimit },
  };
}

function welchOf(
  reference: readonly HourRollUp[],
  current: readonly HourRollUp[],
): WindowComparison['welch'] {
  const before = momentsOf(totals(reference));
  const after = momentsOf(totals(current));
  if (before === null || after === null || before.n < 2 || after.n < 2) return null;
  if (before.variance === 0 && after.variance === 0) return null;
  return welchTest(after, before);
}

function totals(hours: readonly HourRollUp[]): { n: number; sum: number; sumSq: number } {
  const total = { n: 0, sum: 0, sumSq: 0 };
  for (const hour of hours) {
    total.n += hour.n;
    total.sum += hour.sum;
    total.sumSq += hour.sumSq;
  }
  return total;
}

/** Counts of both windows between the reference's deciles; fewer than ten bins where one value holds more than a tenth. */
function decileCounts(x: readonly number[], y: readonly number[]) {
  const total = x.reduce((sum, count) => sum + count, 0);
  const reference: number[] = [];
  const current: number[] = [];
  let inReference = 0;
  let inCurrent = 0;
  let passed = 0;
  let next = 1;
  x.forEach((count, at) => {
    inReference += count;
    inCurrent += y[at]!;
    passed += count;
    const isLast = at === x.length - 1;
    // What lies above the reference's last value belongs to its top decile.
    if (!isLast && (next >= 10 || passed < (next * total) / 10)) return;
    reference.push(inReference);
    current.push(inCurrent);
    inReference = 0;
    inCurrent = 0;
    next = Math.floor((10 * passed) / total) + 1;
  });
  return { reference, current };
}

function deviation(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = values.reduce((sum, value, at) => sum + value * weights[at]!, 0) / total;
  const squares = values.reduce((sum, value, at) => sum + weights[at]! * (value - mean) ** 2, 0);
  return Math.sqrt(squares / total);
}
