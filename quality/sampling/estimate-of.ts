import type { ScoreEstimate } from '#contract/quality.ts';
import type { ScoreSumsRow } from '#store/queries/score-estimate.ts';
import { estimate } from './estimate.ts';

/** Known chances first; the others are never mixed in. */
export function estimateOf({ known, unknown, scoredCalls, calls }: ScoreSumsRow): ScoreEstimate {
  const weighted = estimate(known);
  const found = weighted ?? estimate(unknown);
  const counted = weighted ? known : unknown;
  const n = known.n + unknown.n;
  return {
    value: found?.mean ?? null,
    low: found?.process?.low ?? null,
    high: found?.process?.high ?? null,
    calls_low: weighted?.calls?.low ?? null,
    calls_high: weighted?.calls?.high ?? null,
    basis: weighted ? 'weighted' : n > 0 ? 'unknown' : 'none',
    n: counted.n,
    effective_n: found?.effectiveN ?? 0,
    left_out: n - counted.n,
    unweighted_mean: counted.n > 0 ? counted.x / counted.n : null,
    calls,
    coverage: calls > 0 ? Math.min(1, scoredCalls / calls) : null,
  };
}
