import type { CauseDimension } from '#contract/explanation.ts';
import { addSums, type Cell, type Cells, noSums, projected, trafficDimensions, varianceOf } from './cells.ts';

/** A shift of the mean in two parts that add up to it. */
export interface Split {
  shift: number;
  /** What other shares of the segments changed. */
  mix: number;
  /** What changed inside the segments. */
  within: number;
}

export interface TrafficSplit extends Split {
  /** 95 % limits of `within`. */
  low: number;
  high: number;
  standardError: number;
  /**
   * What changed inside at the shares of now, Σ w1 (m1 − m0), which few calls tell more surely than the symmetric part: a segment
   * that has nearly gone does not count with the share it had.
   */
  now: { within: number; standardError: number };
  by: readonly CauseDimension[];
}

export interface MovedValue {
  dimension: CauseDimension;
  value: string;
  shareBefore: number;
  shareAfter: number;
  /** Part of the shift, in the metric's scale; over the values of a dimension they add up to its `mix`. */
  mix: number;
}

/** Fewer calls than this on both sides together are no segment of their own. */
const smallestSegment = 20;

/**
 * Kitagawa's decomposition (Components of a difference between two rates, 1955), symmetric in before and after:
 * Σ w1 m1 − Σ w0 m0 = Σ (w1 − w0)(m0 + m1)/2 + Σ (w0 + w1)/2 (m1 − m0), w shares and m means of the segments. A segment that
 * is missing on one side has no change inside: it counts as mix. Null when a side has no values.
 */
export function splitShift(cells: readonly Cell[]): Split | null {
  const totals = { before: noSums, after: noSums };
  for (const { before, after } of cells) {
    totals.before = addSums(totals.before, before);
    totals.after = addSums(totals.after, after);
  }
  if (totals.before.n === 0 || totals.after.n === 0) return null;
  const shift = totals.after.sum / totals.after.n - totals.before.sum / totals.before.n;
  // Measured from the mean before, so that large values do not cancel each other with loss.
  const origin = totals.before.sum / totals.before.n;
  let mix = 0;
  let within = 0;
  for (const { before, after } of cells) {
    const part = partsOf({ before, after }, totals, origin);
    mix += part.mix;
    within += part.within;
  }
  return { shift, mix, within };
}

function partsOf(
  { before, after }: Pick<Cell, 'before' | 'after'>,
  totals: Pick<Cell, 'before' | 'after'>,
  origin: number,
): { mix: number; within: number } {
  if (before.n === 0 && after.n === 0) return { mix: 0, within: 0 };
  const [w0, w1] = [before.n / totals.before.n, after.n / totals.after.n];
  const m0 = (before.n > 0 ? before.sum / before.n : after.sum / after.n) - origin;
  const m1 = (after.n > 0 ? after.sum / after.n : before.sum / before.n) - origin;
  return { mix: ((w1 - w0) * (m0 + m1)) / 2, within: ((w0 + w1) / 2) * (m1 - m0) };
}

/** By one dimension alone. */
export function splitByDimension(all: Cells, dimension: CauseDimension): (Split & { values: number }) | null {
  const { cells } = projected(all, [dimension]);
  const split = splitShift(cells);
  return split && { ...split, values: cells.length };
}

/**
 * By all dimensions of the traffic together, with limits of what changed inside. `inflation` is how much more the values
 * wander than independent ones would.
 */
export function splitByTraffic(all: Cells, inflation: number): TrafficSplit | null {
  const by = trafficDimensions.filter(name => all.dimensions.includes(name));
  const cells = withoutTiny(projected(all, by).cells);
  const split = splitShift(cells);
  if (!split) return null;
  const variance = varianceOf({ dimensions: by, cells });
  const [n0, n1] = [total(cells, 'before'), total(cells, 'after')];
  const squaredError = cells.reduce((sum, { before, after }) => {
    if (before.n === 0 || after.n === 0) return sum;
    const weight = (before.n / n0 + after.n / n1) / 2;
    return sum + weight ** 2 * (variance(before) / before.n + variance(after) / after.n);
  }, 0);
  const standardError = Math.sqrt(squaredError * Math.max(1, inflation));
  const radius = 1.96 * standardError;
  const limits = { low: split.within - radius, high: split.within + radius };
  return { ...split, ...limits, standardError, now: withinNow(cells, variance, inflation), by };
}

function withinNow(
  cells: readonly Cell[],
  variance: ReturnType<typeof varianceOf>,
  inflation: number,
): TrafficSplit['now'] {
  const calls = total(cells, 'after');
  let within = 0;
  let squaredError = 0;
  for (const { before, after } of cells) {
    if (before.n === 0 || after.n === 0) continue;
    const share = after.n / calls;
    within += share * (after.sum / after.n - before.sum / before.n);
    squaredError += share ** 2 * (variance(before) / before.n + variance(after) / after.n);
  }
  return { within, standardError: Math.sqrt(squaredError * Math.max(1, inflation)) };
}

/** Values of the traffic's dimensions whose shares moved the mean most, of each dimension apart. */
export function movedValues(all: Cells): MovedValue[] {
  const moved = trafficDimensions
    .filter(name => all.dimensions.includes(name))
    .flatMap(dimension => {
      const { cells } = projected(all, [dimension]);
      const [n0, n1] = [total(cells, 'before'), total(cells, 'after')];
      if (n0 === 0 || n1 === 0) return [];
      const totals = {
        before: cells.reduce((sum, cell) => addSums(sum, cell.before), noSums),
        after: cells.reduce((sum, cell) => addSums(sum, cell.after), noSums),
      };
      const origin = (totals.before.sum / n0 + totals.after.sum / n1) / 2;
      return cells.map(({ values, before, after }) => ({
        dimension,
        value: values[0]!,
        shareBefore: before.n / n0,
        shareAfter: after.n / n1,
        mix: partsOf({ before, after }, totals, origin).mix,
      }));
    });
  return moved.sort((one, other) => Math.abs(other.mix) - Math.abs(one.mix));
}

const total = (cells: readonly Cell[], side: 'before' | 'after') =>
  cells.reduce((sum, cell) => sum + cell[side].n, 0);

/** Rare combinations become one cell: seen on one side only by chance, they would all count as mix. */
function withoutTiny(cells: readonly Cell[]): Cell[] {
  const isTiny = ({ before, after }: Cell) => before.n + after.n < smallestSegment;
  const tiny = cells.filter(isTiny);
  if (tiny.length === 0) return [...cells];
  const rest = tiny.reduce((sum, { values, before, after }) => ({
    values,
    before: addSums(sum.before, before),
    after: addSums(sum.after, after),
  }));
  return [...cells.filter(cell => !isTiny(cell)), rest];
}
