import type { Arrived } from './arrived-values.ts';
import {
  addSums,
  type Cell,
  type Cells,
  drawn,
  keyOf,
  noSums,
  pooledVariance,
  type Sums,
  trafficDimensions,
} from './cells.ts';

const fewestReference = 3;
/** A variance from fewer values than this says more of which values they are than of how far such values vary. */
const settledVariance = 100;

/** A cell after the change against what was to be expected of it. */
export interface Change {
  values: readonly string[];
  after: Sums;
  delta: number;
  information: number;
}

/** Every cell that has calls since the change; `inflation` is how much more values wander than independent ones would. */
export function changesOf(strata: Cells, arrived: Arrived, inflation: number): Change[] {
  const variances = weighingVariances(strata);
  const references = referenceFinder(strata, arrived);
  return strata.cells.flatMap(cell => {
    if (cell.after.n === 0) return [];
    const reference = references(cell);
    const { after, before } = variances(cell.after, reference);
    const spread = after / cell.after.n + before / reference.n;
    return [
      {
        values: cell.values,
        after: cell.after,
        delta: cell.after.sum / cell.after.n - reference.sum / reference.n,
        information: 1 / (spread * inflation),
      },
    ];
  });
}

/**
 * Variances of a single value since the change and before it, for weighing cells against each other. Scores are skewed: a cell of
 * thirty calls that a bad answer is missing from has the better mean and the smaller variance, and weighed by that it would hide
 * what the others show. So few values count for little: before, they are drawn towards the pooled variance; since, towards that of
 * what the cell is compared with, by as much wider as values are on the whole since the change.
 */
function weighingVariances({ cells }: Cells) {
  const before = pooledVariance(cells.map(cell => cell.before));
  const after = pooledVariance(
    cells.map(cell => cell.after),
    before,
  );
  return (since: Sums, reference: Sums) => {
    const known = drawn(reference, before, settledVariance);
    const expected = before > 0 ? (known * after) / before : after;
    return { after: drawn(since, expected, settledVariance), before: known };
  };
}

/** What a cell is compared with: itself, else the calls like it but for what is new, else by traffic alone, else all. */
function referenceFinder({ dimensions, cells }: Cells, arrived: Arrived): (cell: Cell) => Sums {
  const everywhere = dimensions.map((_, index) => index);
  const traffic = everywhere.filter(index => trafficDimensions.includes(dimensions[index]!));
  const tables = new Map<string, Map<string, Sums>>();
  const lookUp = (kept: readonly number[], values: readonly string[]) => {
    const name = kept.join();
    let table = tables.get(name);
    if (!table) {
      table = new Map();
      for (const { values: of, before } of cells) {
        if (before.n === 0) continue;
        const key = keyOf(kept.map(index => of[index]!));
        table.set(key, addSums(table.get(key) ?? noSums, before));
      }
      tables.set(name, table);
    }
    return table.get(keyOf(kept.map(index => values[index]!)));
  };
  return ({ values }) => {
    const settled = everywhere.filter(index => arrived(index, values[index]!) === 'known');
    const settledTraffic = traffic.filter(index => settled.includes(index));
    for (const kept of [settled, settledTraffic]) {
      const found = lookUp(kept, values);
      if (found && found.n >= fewestReference) return found;
    }
    return lookUp([], values)!;
  };
}
