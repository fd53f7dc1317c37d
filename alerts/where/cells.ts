import type { CauseDimension } from '#contract/explanation.ts';

/** Count, sum and sum of squares of the metric's values. */
export interface Sums {
  n: number;
  sum: number;
  sumSq: number;
}

/** Calls that agree in every dimension, before and after the change. */
export interface Cell {
  /** One per dimension, in their order. */
  values: readonly string[];
  before: Sums;
  after: Sums;
}

/** The calls of an incident, told apart by `dimensions`. Every call is in one cell. */
export interface Cells {
  dimensions: readonly CauseDimension[];
  cells: readonly Cell[];
}

/**
 * What the callers decide: when their shares move, other calls come, and nothing got worse by itself. All other
 * dimensions are ours to change, so a new value or another share of them is a cause, never traffic.
 */
export const trafficDimensions: readonly CauseDimension[] = [
  'tenant',
  'team',
  'region',
  'language',
  'operation',
];

/** How a call ended. Calls must not be told apart by it when asking why they ended so. */
export const outcomeDimensions: readonly CauseDimension[] = ['finish_reason', 'error_type'];

export const noSums: Sums = { n: 0, sum: 0, sumSq: 0 };

export function addSums(one: Sums, other: Sums): Sums {
  return { n: one.n + other.n, sum: one.sum + other.sum, sumSq: one.sumSq + other.sumSq };
}

export const keyOf = (values: readonly string[]): string => JSON.stringify(values);

/** The same calls told apart by fewer dimensions, in the order in which cells first show. */
export function projected({ dimensions, cells }: Cells, wanted: readonly CauseDimension[]): Cells {
  const at = wanted.map(name => dimensions.indexOf(name));
  if (at.includes(-1)) throw new Error(`cells do not tell ${wanted.join(', ')} apart`);
  const merged = new Map<string, Cell>();
  for (const { values, before, after } of cells) {
    const fewer = at.map(index => values[index]!);
    const key = keyOf(fewer);
    const known = merged.get(key);
    merged.set(key, {
      values: fewer,
      before: known ? addSums(known.before, before) : before,
      after: known ? addSums(known.after, after) : after,
    });
  }
  return { dimensions: wanted, cells: [...merged.values()] };
}

export function totalsOf({ cells }: Cells): { before: Sums; after: Sums } {
  return {
    before: cells.reduce((total, cell) => addSums(total, cell.before), noSums),
    after: cells.reduce((total, cell) => addSums(total, cell.after), noSums),
  };
}

/** Sum of squares around the mean. */
const squares = ({ n, sum, sumSq }: Sums) => (n > 0 ? Math.max(0, sumSq - (sum * sum) / n) : 0);

const priorWeight = 10;

/**
 * Variance of a single value in a cell. Few values say little of it (a rate of 0 in 3 has a variance of 0), so it is drawn
 * towards the pooled one as by ten further values.
 */
export function varianceOf({ cells }: Cells): (sums: Sums) => number {
  const pooled = pooledVariance(cells.flatMap(({ before, after }) => [before, after]));
  return sums => drawn(sums, pooled, priorWeight);
}

/** Sums of squares within by their degrees of freedom, drawn towards `prior` as by ten further values where there is one. */
export function pooledVariance(sums: readonly Sums[], prior?: number): number {
  let within = prior === undefined ? 0 : priorWeight * prior;
  let degrees = prior === undefined ? 0 : priorWeight;
  for (const one of sums) {
    within += squares(one);
    degrees += Math.max(0, one.n - 1);
  }
  return degrees > 0 ? within / degrees : 0;
}

/** Variance of a single value, drawn towards `prior` as by `weight` further values; never 0. */
export const drawn = (sums: Sums, prior: number, weight: number): number =>
  (squares(sums) + weight * prior) / (Math.max(0, sums.n - 1) + weight) || Number.EPSILON;
