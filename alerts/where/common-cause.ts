import { addTo, type Candidate, type Context, type Pool, pOf, smallestContrast } from './cause-candidates.ts';
import type { Change } from './cell-changes.ts';
import { largestPValue, smallestExplained } from './strongest-cause.ts';

/**
 * What is left when every segment has been taken out, and all calls share, may come of something new that all of them have
 * now. Nothing stands beside it to compare it with, so it comes last; and it is one thing that is tried, however many segments were.
 */
export function inCommon(changes: readonly Change[], context: Context): Candidate | null {
  const { strata, arrived, shift, callsAfter, direction } = context;
  const pools = new Map<string, Pool>();
  for (const change of changes) addTo(pools, '', change);
  const total = pools.get('');
  if (!total) return null;
  const effect = total.weighted / total.information;
  const z = effect * Math.sqrt(total.information);
  const explained = total.moved / callsAfter / shift;
  if (z * direction <= 0 || explained < smallestExplained || pOf(z) > largestPValue) return null;
  for (const index of strata.dimensions.keys()) {
    const counts = new Map<string, number>();
    for (const { values, after } of changes) {
      counts.set(values[index]!, (counts.get(values[index]!) ?? 0) + after.n);
    }
    for (const [value, n] of counts) {
      if (n < (1 - smallestContrast) * total.n || arrived(index, value) === 'known') continue;
      const holds = ({ values }: Pick<Change, 'values'>) => values[index] === value;
      const covered = n / callsAfter;
      return { at: [{ index, value }], z, score: (z * z) / 2, effect, explained, covered, holds };
    }
  }
  return null;
}
