import { addsUp } from './adds-up.ts';
import {
  addTo,
  type Candidate,
  type Context,
  type Pool,
  pairsOf,
  pOf,
  singlesOf,
} from './cause-candidates.ts';
import type { Change } from './cell-changes.ts';

/** Largest chance, among all that were tried, and smallest share of the shift that make a cause. */
export const largestPValue = 0.01;
export const smallestExplained = 0.1;
/** What a pair must explain more than its better half, per call covered, and how much likelier it must be. */
const pairGain = 0.1;
const pairLogGain = 3;

/** The likeliest single value or pair that is a cause, null when none is; `tried`: how many were looked at. */
export function strongest(
  changes: readonly Change[],
  context: Context,
): { best: Candidate | null; tried: number } {
  const whole = new Map<string, Pool>();
  for (const change of changes) addTo(whole, '', change);
  const total = whole.get('');
  if (!total) return { best: null, tried: 0 };
  const singles = context.strata.dimensions.flatMap((_, index) => singlesOf(changes, index, total, context));
  const pairs = pairsOf(changes, singles, total, context);
  const tried = singles.length + pairs.length;
  for (const one of singles) one.score -= Math.log(Math.max(1, singles.length));
  for (const one of pairs) one.score -= Math.log(Math.max(1, tried));
  const isCause = (one: Candidate) =>
    one.z * context.direction > 0 &&
    one.explained >= smallestExplained &&
    Math.min(1, tried * pOf(one.z)) <= largestPValue;
  const best = highest(singles.filter(isCause));
  const bestPair = highest(pairs.filter(isCause));
  if (!bestPair) return { best, tried };
  if (!best) return { best: bestPair, tried };
  const sharper =
    !addsUp(changes, bestPair, singles.length) &&
    bestPair.explained / bestPair.covered >= best.explained / best.covered + pairGain &&
    bestPair.score >= best.score + pairLogGain;
  return { best: sharper ? bestPair : best, tried };
}

/** Of equals the first dimension of the list: causes before what comes with them. */
function highest(candidates: readonly Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>(
    (best, one) => (best === null || one.score > best.score + 1e-9 ? one : best),
    null,
  );
}
