import type { ComparedCase, GoldenComparison, GoldenToolCall } from '#contract/golden.ts';
import { callText } from '../evaluators/tool-calls-match.ts';
import { diffText } from './diff.ts';
import { candidateScore, type Pair, type Paired, scoreOf } from './pairs.ts';

export type Outcome = ComparedCase['outcome'];

export interface Judged extends Pair {
  difference: number | null;
  outcome: Outcome;
}

const order: readonly Outcome[] = ['regressed', 'incomparable', 'improved', 'same'];

/** Every case with its difference, worst regressions first. */
export function judgePairs(paired: Paired): Judged[] {
  const { pairs, evaluator, direction } = paired;
  const sign = direction === 'lower' ? -1 : 1;
  return pairs
    .map(pair => {
      const before = scoreOf(pair.baseline, evaluator);
      const after = candidateScore(pair.candidate, paired);
      const comparable = pair.sameText && before !== null && after !== null;
      const difference = comparable ? sign * (after - before) : null;
      return { ...pair, difference, outcome: outcomeOf(difference) };
    })
    .sort(
      (a, b) =>
        order.indexOf(a.outcome) - order.indexOf(b.outcome) ||
        (a.outcome === 'improved' ? -1 : 1) * ((a.difference ?? 0) - (b.difference ?? 0)),
    );
}

function outcomeOf(difference: number | null): Outcome {
  if (difference === null) return 'incomparable';
  if (Math.abs(difference) < 1e-9) return 'same';
  return difference < 0 ? 'regressed' : 'improved';
}

/** One page of a comparison. */
export function comparisonOf(
  paired: Paired,
  { show, limit, offset }: { show: 'all' | 'regressed' | 'improved'; limit: number; offset: number },
): GoldenComparison {
  const judged = judgePairs(paired);
  const counts = { regressed: 0, improved: 0, same: 0, incomparable: 0 };
  for (const { outcome } of judged) counts[outcome] += 1;
  const shown = show === 'all' ? judged : judged.filter(({ outcome }) => outcome === show);
  return {
    baseline: paired.baseline,
    candidate: paired.candidate,
    evaluator: paired.evaluator,
    counts,
    cases: shown.slice(offset, offset + limit).map(comparedOf),
    total: shown.length,
  };
}

function comparedOf({ case: of, baseline, candidate, difference, outcome }: Judged): ComparedCase {
  const [before, after] = [baseline?.output ?? null, candidate?.output ?? null];
  const diff = before === null || after === null ? [] : diffText(before, after);
  const tool_diff = baseline && candidate ? diffTools(baseline.tool_calls, candidate.tool_calls) : [];
  return { case: of, difference, outcome, baseline, candidate, diff, tool_diff };
}

/** In the order of the candidate, with what is gone first; arguments that say the same are the same. */
export function diffTools(
  before: readonly GoldenToolCall[],
  after: readonly GoldenToolCall[],
): ComparedCase['tool_diff'] {
  const gone = before.map(callText);
  const now = after.map(callText).map(text => {
    const at = gone.indexOf(text);
    if (at >= 0) gone.splice(at, 1);
    return { kind: at >= 0 ? ('same' as const) : ('added' as const), text };
  });
  return [...gone.map(text => ({ kind: 'removed' as const, text })), ...now];
}
