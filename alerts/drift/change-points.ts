import { prepareSeries } from './change-point-series.ts';

/** Rows a segment has at least: what is shorter is a spike, see change-point-series.ts. */
const leastRows = 5;
/** A change must lower −2 log L by this many ln n. */
const penaltyPerLogN = 6;
const autocorrelations = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95];
const mostRounds = 6;
const leastVariance = 1e-10;

interface Segmentation {
  /** First rows of the segments after the first. */
  changes: number[];
  criterion: number;
}

/**
 * Rows at which the level of a series changed for good, ascending; none for a series that is short or constant. Several
 * dimensions of one length change together; null is a missing value.
 *
 * The model is a level per segment with AR(1) noise around it that starts afresh in each segment (Chakar, Lebarbier,
 * Lévy-Leduc, Robin, A robust approach for estimating change-points in the mean of an AR(1) process, 2017, there with the
 * noise running on). For each autocorrelation φ of a grid the best segmentation is found by optimal partitioning (Jackson
 * et al., An algorithm for optimal partitioning of data on an interval, 2005) with the pruning of PELT (Killick, Fearnhead,
 * Eckley, 2012); of those, the one with the least −2 log L + 6 ln n per change wins. A wandering series is thereby explained by
 * φ near 1 and not by dozens of changes. The penalty is twice the 3 ln n of the modified BIC (Zhang, Siegmund, A modified
 * Bayes information criterion, 2007), because real noise has heavier tails than the Gaussian it is derived for.
 */
export function findChangePoints(dimensions: readonly (readonly (number | null)[])[]): number[] {
  const series = dimensions.map(prepareSeries).filter(one => one !== null);
  const rows = series[0]?.length ?? 0;
  if (rows < 2 * leastRows) return [];
  let best: Segmentation | null = null;
  for (const phi of autocorrelations) {
    const found = segment(series, rows, phi);
    if (best === null || found.criterion < best.criterion) best = found;
  }
  return best!.changes;
}

type Cost = (from: number, to: number) => number;

/** The best segmentation at one φ; the noise's variance and the segments are found in turns. */
function segment(series: readonly Float64Array[], rows: number, phi: number): Segmentation {
  const costs = series.map(values => segmentCost(values, phi));
  // Of the stationary first value of a segment: −2 log L has −ln(1 − φ²) for each.
  const start = -series.length * Math.log(1 - phi * phi);
  const perChange = penaltyPerLogN * Math.log(rows) + start;
  let variances = costs.map(cost => Math.max(leastVariance, cost(0, rows) / rows));
  let changes: number[] = [];
  for (let round = 0; round < mostRounds; round += 1) {
    const cost: Cost = (from, to) =>
      costs.reduce((sum, each, at) => sum + each(from, to) / variances[at]!, 0);
    changes = partition(cost, rows, perChange);
    const next = costs.map(each => Math.max(leastVariance, total(each, changes, rows) / rows));
    const isStable = next.every((variance, at) => Math.abs(variance / variances[at]! - 1) < 1e-6);
    variances = next;
    if (isStable) break;
  }
  const fit = variances.reduce((sum, variance) => sum + Math.log(variance), 0) * rows;
  return { changes, criterion: fit + start + changes.length * perChange };
}

function total(cost: Cost, changes: readonly number[], rows: number): number {
  const edges = [0, ...changes, rows];
  return edges.slice(1).reduce((sum, to, at) => sum + cost(edges[at]!, to), 0);
}

/**
 * Least Σ of the squared innovations of one segment over its level m: (1 − φ²)(y_s − m)² for the first value and
 * (y_t − φ y_{t−1} − (1 − φ) m)² for the others. A quadratic in m, so prefix sums give it at once.
 */
function segmentCost(y: Float64Array, phi: number): Cost {
  const sums = new Float64Array(y.length + 1);
  const squares = new Float64Array(y.length + 1);
  for (let t = 1; t < y.length; t += 1) {
    const innovation = y[t]! - phi * y[t - 1]!;
    sums[t + 1] = sums[t]! + innovation;
    squares[t + 1] = squares[t]! + innovation * innovation;
  }
  const first = 1 - phi * phi;
  const other = 1 - phi;
  return (from, to) => {
    const weight = first + (to - from - 1) * other * other;
    const linear = first * y[from]! + other * (sums[to]! - sums[from + 1]!);
    const square = first * y[from]! * y[from]! + squares[to]! - squares[from + 1]!;
    return Math.max(0, square - (linear * linear) / weight);
  };
}

/** Optimal partitioning of [0, rows): starts of the segments after the first. */
function partition(cost: Cost, rows: number, perChange: number): number[] {
  const least = new Float64Array(rows + 1).fill(Number.POSITIVE_INFINITY);
  least[0] = -perChange;
  const startOf = new Int32Array(rows + 1);
  let candidates: number[] = [];
  const reached = new Map<number, number>();
  for (let to = leastRows; to <= rows; to += 1) {
    candidates.push(to - leastRows);
    for (const from of candidates) {
      const value = least[from]! + cost(from, to);
      reached.set(from, value);
      if (value + perChange < least[to]!) {
        least[to] = value + perChange;
        startOf[to] = from;
      }
    }
    // One penalty of slack, because a fresh start may cost a little more than the innovation it replaces.
    candidates = candidates.filter(from => reached.get(from)! <= least[to]! + perChange);
  }
  const changes: number[] = [];
  for (let at = startOf[rows]!; at > 0; at = startOf[at]!) changes.unshift(at);
  return changes;
}
