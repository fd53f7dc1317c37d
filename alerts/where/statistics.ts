import type { CauseDimension } from '#contract/explanation.ts';
import { type RankedCauses, rankCauses } from './causes.ts';
import { type Cells, outcomeDimensions, projected, totalsOf } from './cells.ts';
import { type Verdict, verdictOf } from './mix-only.ts';
import {
  type MovedValue,
  movedValues,
  type Split,
  splitByDimension,
  splitByTraffic,
  type TrafficSplit,
} from './split.ts';

/** What decides the answer beside the calls. Plain JSON. */
export interface Parameters {
  /** After − before as the detector saw it against the season, in the metric's scale. */
  shift: number;
  minShift: number;
  inflation: number;
}

interface Outcome {
  dimension: CauseDimension;
  value: string;
  callsBefore: number;
  callsAfter: number;
  /** Share of the shift. */
  explained: number;
}

/** All that is said of where a shift came from. Plain JSON; the same cells and parameters give the same bits. */
export interface Statistics extends RankedCauses {
  callsBefore: number;
  callsAfter: number;
  verdict: Verdict;
  split: TrafficSplit | null;
  byDimension: (Split & { dimension: CauseDimension; values: number })[];
  moved: MovedValue[];
  outcomes: Outcome[];
}

const mostMoved = 5;
/** A way to end must explain this much of the shift, and this much more than its share of the calls before. */
const smallestOutcome = { explained: 0.2, surprise: 0.1 };

export function statisticsOf(cells: Cells, parameters: Parameters): Statistics {
  const split = splitByTraffic(cells, parameters.inflation);
  const ranked = rankCauses(cells, parameters);
  const totals = totalsOf(cells);
  const hasSeveral = cells.dimensions.filter(
    (_, index) => new Set(cells.cells.map(({ values }) => values[index])).size > 1,
  );
  return {
    callsBefore: totals.before.n,
    callsAfter: totals.after.n,
    verdict: verdictOf({ split, causes: ranked.causes }, parameters),
    split,
    byDimension: hasSeveral
      .filter(dimension => !outcomeDimensions.includes(dimension))
      .flatMap(dimension => {
        const by = splitByDimension(cells, dimension);
        return by ? [{ dimension, ...by }] : [];
      }),
    moved: movedValues(cells).slice(0, mostMoved),
    outcomes: outcomesOf(cells),
    ...ranked,
  };
}

/**
 * How the calls ended, by what each way adds to the shift: w1 (m1 − M0) − w0 (m0 − M0), shares w, means m and the mean of all
 * before M0, which add up to the shift (Adtributor's explanatory power of a derived measure, Bhagwan et al. 2014).
 */
function outcomesOf(cells: Cells): Outcome[] {
  const { before, after } = totalsOf(cells);
  if (before.n === 0 || after.n === 0) return [];
  const mean = before.sum / before.n;
  const shift = after.sum / after.n - mean;
  if (shift === 0) return [];
  const found = outcomeDimensions
    .filter(name => cells.dimensions.includes(name))
    .flatMap(dimension =>
      projected(cells, [dimension]).cells.map(cell => ({
        dimension,
        value: cell.values[0]!,
        callsBefore: cell.before.n,
        callsAfter: cell.after.n,
        explained:
          ((cell.after.sum - cell.after.n * mean) / after.n -
            (cell.before.sum - cell.before.n * mean) / before.n) /
          shift,
      })),
    );
  return found
    .filter(
      ({ value, explained, callsBefore }) =>
        value !== '' &&
        explained >= smallestOutcome.explained &&
        explained - callsBefore / before.n >= smallestOutcome.surprise,
    )
    .sort((one, other) => other.explained - one.explained)
    .slice(0, mostMoved);
}
