import { ascending, requireSameLength, requireSample, totalOf } from './sample.ts';

/**
 * Population stability index Σ (q − p) ln(q/p) of two histograms given as counts over the same bins, natural logarithm. A
 * proportion below `floor` is raised to it, without renormalising, so that an empty bin stays finite (Siddiqi, Credit Risk
 * Scorecards, 2006; it is the symmetrised divergence of Jeffreys, 1946).
 */
export function populationStability(
  reference: readonly number[],
  current: readonly number[],
  floor = 1e-4,
): number {
  requireSameLength(reference, current, 'reference and current');
  const total = totalOf(reference, 'reference');
  const currentTotal = totalOf(current, 'current');
  if (!(floor > 0)) throw new RangeError('floor must be above zero');
  let index = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const p = Math.max(floor, reference[i]! / total);
    const q = Math.max(floor, current[i]! / currentTotal);
    index += (q - p) * Math.log(q / p);
  }
  return index;
}

/**
 * Square root of the Jensen–Shannon divergence of two histograms given as counts (Lin, Divergence measures based on the Shannon
 * entropy, 1991; a metric: Endres, Schindelin, 2003). In base 2 it lies in [0, 1].
 */
export function jensenShannonDistance(
  reference: readonly number[],
  current: readonly number[],
  base: number = Math.E,
): number {
  requireSameLength(reference, current, 'reference and current');
  const total = totalOf(reference, 'reference');
  const currentTotal = totalOf(current, 'current');
  if (!(base > 1)) throw new RangeError('base must be above 1');
  let divergence = 0;
  for (let i = 0; i < reference.length; i += 1) {
    const p = reference[i]! / total;
    const q = current[i]! / currentTotal;
    const middle = (p + q) / 2;
    if (p > 0) divergence += p * Math.log(p / middle);
    if (q > 0) divergence += q * Math.log(q / middle);
  }
  return Math.sqrt(Math.max(0, divergence / 2) / Math.log(base));
}

/** W1 of two samples: ∫ |F − G| (Vallender, Calculation of the Wasserstein distance between probability distributions on the line, 1974). */
export function wasserstein1(x: readonly number[], y: readonly number[]): number {
  requireSample(x, 'x');
  requireSample(y, 'y');
  const a = ascending(x);
  const b = ascending(y);
  let i = 0;
  let j = 0;
  let last = Math.min(a[0]!, b[0]!);
  let distance = 0;
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    distance += Math.abs(i / a.length - j / b.length) * (next - last);
    last = next;
    while (a[i] === next) i += 1;
    while (b[j] === next) j += 1;
  }
  return distance;
}

/** W1 of two weightings of the same values (in any order), e.g. of two histograms over their bins' middles. */
export function wasserstein1Weighted(
  values: readonly number[],
  xWeights: readonly number[],
  yWeights: readonly number[],
): number {
  requireSample(values, 'values');
  requireSameLength(values, xWeights, 'values and x_weights');
  requireSameLength(values, yWeights, 'values and y_weights');
  const xTotal = totalOf(xWeights, 'x_weights');
  const yTotal = totalOf(yWeights, 'y_weights');
  const order = values.map((_, at) => at).sort((one, other) => values[one]! - values[other]!);
  let difference = 0;
  let distance = 0;
  for (let at = 0; at < order.length - 1; at += 1) {
    const index = order[at]!;
    difference += xWeights[index]! / xTotal - yWeights[index]! / yTotal;
    distance += Math.abs(difference) * (values[order[at + 1]!]! - values[index]!);
  }
  return distance;
}
