import { studentTwoSidedP } from '../drift/student-t.ts';
import { type Arrived, fewestCalls } from './arrived-values.ts';
import type { Change } from './cell-changes.ts';
import { type Cells, keyOf } from './cells.ts';

const bestValuesEach = 5;
/** Less information than this share in all other calls is no contrast. */
export const smallestContrast = 0.02;

/** A segment that may be the cause. */
export interface Candidate {
  /** Indexes of the dimensions and their values. */
  at: readonly { index: number; value: string }[];
  z: number;
  /** z²/2 less ln of the number of its kind. */
  score: number;
  /** How much more it changed than all others. */
  effect: number;
  explained: number;
  covered: number;
  holds: (change: Pick<Change, 'values'>) => boolean;
}

/** What the search is about: the cells, and the shift of the whole. */
export interface Context {
  strata: Cells;
  arrived: Arrived;
  direction: number;
  shift: number;
  callsAfter: number;
}

/** Weighted sums of the changes in a segment. */
export interface Pool {
  information: number;
  weighted: number;
  n: number;
  /** Σ n δ: what it adds to the shift, times all calls. */
  moved: number;
}

/** Adds a change to the pool of this name. */
export function addTo(pools: Map<string, Pool>, key: string, change: Change): void {
  const pool = pools.get(key) ?? { information: 0, weighted: 0, n: 0, moved: 0 };
  pool.information += change.information;
  pool.weighted += change.information * change.delta;
  pool.n += change.after.n;
  pool.moved += change.after.n * change.delta;
  pools.set(key, pool);
}

/** Chance of a z as far out, on either side. */
export const pOf = (z: number) => studentTwoSidedP(z, 1e6);

/** Every value of one dimension that something can be said of. */
export function singlesOf(
  changes: readonly Change[],
  index: number,
  total: Pool,
  context: Context,
): Candidate[] {
  const pools = new Map<string, Pool>();
  for (const change of changes) addTo(pools, change.values[index]!, change);
  return [...pools].flatMap(([value, pool]) => candidate([{ index, value }], pool, total, context) ?? []);
}

/** Every pair of the values that changed most. */
export function pairsOf(
  changes: readonly Change[],
  singles: readonly Candidate[],
  total: Pool,
  context: Context,
): Candidate[] {
  const best = context.strata.dimensions.map((_, index) => {
    const own = singles.filter(({ at }) => at[0]!.index === index);
    const ranked = own.sort((one, other) => (other.z - one.z) * context.direction);
    return own.length < 2 ? [] : ranked.slice(0, bestValuesEach).map(({ at }) => at[0]!.value);
  });
  const found: Candidate[] = [];
  for (let one = 0; one < best.length; one += 1) {
    for (let other = one + 1; other < best.length; other += 1) {
      if (best[one]!.length === 0 || best[other]!.length === 0) continue;
      const pools = new Map<string, Pool>();
      for (const change of changes) {
        const [first, second] = [change.values[one]!, change.values[other]!];
        if (best[one]!.includes(first) && best[other]!.includes(second)) {
          addTo(pools, keyOf([first, second]), change);
        }
      }
      for (const [key, pool] of pools) {
        const [first, second] = JSON.parse(key) as [string, string];
        const at = [
          { index: one, value: first },
          { index: other, value: second },
        ];
        found.push(...(candidate(at, pool, total, context) ?? []));
      }
    }
  }
  return found;
}

/** Null for segments nothing can be said of: too few calls, or nothing to hold them against. */
function candidate(
  at: Candidate['at'],
  pool: Pool,
  total: Pool,
  { shift, callsAfter }: Context,
): [Candidate] | null {
  if (pool.n < fewestCalls) return null;
  const rest = total.information - pool.information;
  if (rest < smallestContrast * total.information) return null;
  const own = pool.weighted / pool.information;
  const holds = ({ values }: Pick<Change, 'values'>) =>
    at.every(({ index, value }) => values[index] === value);
  const of = {
    at,
    explained: pool.moved / callsAfter / shift,
    covered: pool.n / callsAfter,
    holds,
  };
  const effect = own - (total.weighted - pool.weighted) / rest;
  const z = effect / Math.sqrt(1 / pool.information + 1 / rest);
  return [{ ...of, z, score: (z * z) / 2, effect }];
}
