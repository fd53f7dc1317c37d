import type { OutcomeGroup } from '#contract/outcome.ts';
import type { OutcomeSums } from '#store/queries/outcome-summary.ts';
import { usdFromNanos } from '#store/queries/usd.ts';

/** What is said of a group of calls and their outcomes; what cannot be said is null, not 0. */
export function outcomeFigures(sums: OutcomeSums): Omit<OutcomeGroup, 'key'> {
  const { outcomes, valued, calls, unpriced, covered } = sums;
  // Costs of calls without a price are not known; a group of them only has no cost at all.
  const cost = calls === 0 || calls === unpriced ? null : sums.costNanos;
  const value = valued === 0 ? null : sums.valueNanos;
  return {
    outcomes,
    valued_outcomes: valued,
    value_usd: usd(value),
    cost_usd: usd(cost),
    calls,
    unpriced_calls: unpriced,
    covered_calls: covered,
    coverage: calls === 0 ? null : covered / calls,
    cost_per_outcome_usd: outcomes === 0 ? null : usd(cost === null ? null : perPiece(cost, outcomes)),
    value_per_outcome_usd: value === null ? null : usd(perPiece(value, valued)),
    return_on_spend:
      value === null || cost === null || cost === 0n ? null : Number(value - cost) / Number(cost),
  };
}

export function addSums(groups: readonly OutcomeSums[]): OutcomeSums {
  const sums = { outcomes: 0, valued: 0, valueNanos: 0n, costNanos: 0n, calls: 0, unpriced: 0, covered: 0 };
  for (const group of groups) {
    sums.outcomes += group.outcomes;
    sums.valued += group.valued;
    sums.valueNanos += group.valueNanos;
    sums.costNanos += group.costNanos;
    sums.calls += group.calls;
    sums.unpriced += group.unpriced;
    sums.covered += group.covered;
  }
  return sums;
}

const usd = (nanos: bigint | null) => usdFromNanos(nanos === null ? null : nanos.toString());

/** Rounded half away from zero to a nano-dollar. */
export function perPiece(nanos: bigint, pieces: number): bigint {
  const count = BigInt(pieces);
  const half = nanos < 0n ? -count / 2n : count / 2n;
  return (nanos + half) / count;
}
