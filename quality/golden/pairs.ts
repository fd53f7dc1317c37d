import type { GoldenCase, GoldenResult, GoldenRun } from '#contract/golden.ts';
import { readGoldenResults } from '#store/state/golden-runs.ts';
import type { Evaluator } from '../evaluators/evaluator.ts';
import { type GoldenDeps, GoldenProblem } from './deps.ts';
import { type OpenRun, openRun, runOf } from './runs.ts';
import { resultOf } from './summary.ts';

/** A case with what two runs said to it. */
export interface Pair {
  /** As the candidate's version has it, else as the baseline's. */
  case: GoldenCase;
  baseline: GoldenResult | null;
  candidate: GoldenResult | null;
  /** Both versions of the set have the same text. */
  sameText: boolean;
}

export interface Paired {
  baseline: GoldenRun;
  candidate: GoldenRun;
  /** `name@version`. */
  evaluator: string;
  direction: Evaluator['direction'];
  /** In the order of the set. */
  pairs: Pair[];
}

/** Two runs of one set side by side, by an evaluator that scored both with the same version and settings. */
export async function pairRuns(
  deps: GoldenDeps,
  asked: { baseline: string; candidate: string; evaluator?: string | undefined },
): Promise<Paired> {
  const [one, other] = await Promise.all([openRun(deps, asked.baseline), openRun(deps, asked.candidate)]);
  if (one.set.set_id !== other.set.set_id)
    throw new GoldenProblem('not_possible', `candidate: is of ${other.set.name}, not of ${one.set.name}`);
  const { id, direction } = commonEvaluator(one, other, asked.evaluator);
  const [before, after] = await Promise.all([
    readGoldenResults(deps.state, asked.baseline),
    readGoldenResults(deps.state, asked.candidate),
  ]);
  const cases = new Map([...one.cases, ...other.cases]);
  const pairs = [...cases.values()].map(of => {
    const [left, right] = [before.get(of.case_id), after.get(of.case_id)];
    return {
      case: of,
      baseline: left ? resultOf(left) : null,
      candidate: right ? resultOf(right) : null,
      sameText: one.cases.get(of.case_id)?.revision === other.cases.get(of.case_id)?.revision,
    };
  });
  return {
    baseline: runOf(one.row, one.set.name),
    candidate: runOf(other.row, other.set.name),
    evaluator: id,
    direction,
    pairs,
  };
}

function commonEvaluator(one: OpenRun, other: OpenRun, wanted: string | undefined) {
  const name = wanted?.split('@')[0] ?? one.chosen[0]?.evaluator.name;
  const left = one.chosen.find(({ evaluator }) => evaluator.name === name);
  const right = other.chosen.find(({ evaluator }) => evaluator.name === name);
  for (const [run, chosen] of [
    [one, left],
    [other, right],
  ] as const) {
    if (chosen) continue;
    const names = run.chosen.map(({ evaluator }) => evaluator.name).join(', ');
    throw new GoldenProblem(
      'not_possible',
      `evaluator: ${run.row.name} was scored by ${names}, not by ${name}`,
    );
  }
  if (JSON.stringify(left?.settings) !== JSON.stringify(right?.settings)) {
    const message = `evaluator: the two runs were scored with different settings of ${name}; score one of them again`;
    throw new GoldenProblem('not_possible', message);
  }
  return { id: right?.id ?? '', direction: right?.evaluator.direction ?? 'none' };
}

/** The score of a result by an evaluator; null when it has none. */
export const scoreOf = (result: GoldenResult | null, evaluator: string): number | null =>
  result?.scores[evaluator]?.value ?? null;

export const hasFailed = (result: GoldenResult | null): boolean =>
  result !== null && result.output === null && result.error !== '';

/** As `scoreOf`, but a candidate that failed on a case has not merely no score: it has the worst one. */
export function candidateScore(result: GoldenResult | null, { evaluator, direction }: Paired): number | null {
  return scoreOf(result, evaluator) ?? (hasFailed(result) ? (direction === 'lower' ? 1 : 0) : null);
}
