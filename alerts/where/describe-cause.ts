import type { CauseDimension } from '#contract/explanation.ts';
import { type Candidate, type Context, pOf } from './cause-candidates.ts';
import { addSums, type Cell, type Cells, noSums, projected, type Sums, totalsOf } from './cells.ts';

export interface CauseCondition {
  dimension: CauseDimension;
  value: string;
}

/** Calls that changed unlike the others, in the metric's scale. */
export interface RankedCause {
  conditions: CauseCondition[];
  before: Sums;
  after: Sums;
  /** Share of the shift of the whole, 1 = all of it. */
  explained: number;
  /** Share of the calls after the change. */
  covered: number;
  z: number;
  /** Two-sided, times the number of segments tried (Bonferroni). */
  pValue: number;
  isNew: boolean;
  /** The value that lost most calls to it; null unless it is one new value. */
  insteadOf: string | null;
  /** Other conditions met by the same calls. */
  sameCalls: CauseCondition[][];
}

/** What is said of a candidate that was found to be a cause. */
export function describe(best: Candidate, strata: Cells, context: Context, tried: number): RankedCause {
  const conditionOf = ({ index, value }: Candidate['at'][number]): CauseCondition => ({
    dimension: strata.dimensions[index]!,
    value,
  });
  const own = strata.cells.filter(best.holds);
  return {
    conditions: best.at.map(conditionOf),
    before: own.reduce((sum, cell) => addSums(sum, cell.before), noSums),
    after: own.reduce((sum, cell) => addSums(sum, cell.after), noSums),
    explained: best.explained,
    covered: best.covered,
    z: best.z,
    pValue: Math.min(1, tried * pOf(best.z)),
    isNew: best.at.some(({ index, value }) => context.arrived(index, value) === 'new'),
    insteadOf: best.at.length === 1 ? replacedBy(best.at[0]!, context) : null,
    sameCalls: sameCalls(best, context, conditionOf),
  };
}

function replacedBy({ index, value }: Candidate['at'][number], { strata, arrived }: Context): string | null {
  if (arrived(index, value) === 'known') return null;
  const { cells } = projected(strata, [strata.dimensions[index]!]);
  const totals = totalsOf({ dimensions: [], cells });
  const lost = ({ before, after }: Cell) => before.n / totals.before.n - after.n / totals.after.n;
  const most = cells.reduce((one, other) => (lost(other) > lost(one) ? other : one));
  return lost(most) > 0 ? most.values[0]! : null;
}

/** Single conditions of other dimensions that are met by nearly the same calls since the change. */
function sameCalls(
  best: Candidate,
  { strata: { dimensions, cells }, arrived }: Context,
  conditionOf: (at: Candidate['at'][number]) => CauseCondition,
): CauseCondition[][] {
  const others = dimensions
    .map((_, index) => index)
    .filter(index => best.at.every(one => one.index !== index));
  const own = cells.filter(best.holds).reduce((sum, cell) => sum + cell.after.n, 0);
  const all = cells.reduce((sum, cell) => sum + cell.after.n, 0);
  return others.flatMap(index => {
    const counts = new Map<string, { both: number; either: number }>();
    for (const cell of cells) {
      const value = cell.values[index]!;
      const count = counts.get(value) ?? { both: 0, either: 0 };
      count.either += cell.after.n;
      if (best.holds(cell)) count.both += cell.after.n;
      counts.set(value, count);
    }
    return [...counts]
      .filter(([value, { both, either }]) => {
        // What all calls have in common all the time names nothing.
        if (value === '' || (either >= 0.98 * all && arrived(index, value) === 'known')) return false;
        return both >= 0.98 * Math.max(own, either);
      })
      .map(([value]) => [conditionOf({ index, value })]);
  });
}
