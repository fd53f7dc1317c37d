import type { ScoreSpread } from '#contract/score-distribution.ts';
import type { StoredSpread } from '#store/queries/score-spread.ts';

/** Shares by known chances where there are any, else of scores as they are; the two are never mixed. */
export function spreadOf({ key, counts, weights, known, calls, unscored }: StoredSpread): ScoreSpread {
  const n = sum(counts);
  const isWeighted = known > 0;
  const parts = isWeighted ? weights : counts;
  const whole = sum(parts);
  return {
    key,
    counts,
    shares: whole > 0 ? parts.map(part => part / whole) : [],
    basis: isWeighted ? 'weighted' : n > 0 ? 'unknown' : 'none',
    n,
    left_out: isWeighted ? n - known : 0,
    calls,
    unscored,
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
