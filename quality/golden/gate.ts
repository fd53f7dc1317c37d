import type { GateResult } from '#contract/golden.ts';
import { counted, isAbove, lowerBound, mirrored, neededToBeAbove, upperBound } from './betting.ts';
import { GoldenProblem } from './deps.ts';
import { candidateScore, hasFailed, type Paired, scoreOf } from './pairs.ts';

export interface GateAsked {
  /** The candidate may be worse by this much; scores go from 0 to 1. */
  margin: number;
  /** Chance of passing a candidate that is worse by the margin or more, and of failing one that is not. */
  alpha: number;
}

/** Differences candidate − baseline, better side up; what is unknown counts against whatever would be concluded. */
export interface Differences {
  known: number[];
  /** Baseline scores of cases for which the candidate has none. */
  unknown: number[];
}

export interface Bounds {
  verdict: GateResult['verdict'];
  difference: number | null;
  low: number | null;
  high: number | null;
  more: number | null;
}

export const gateMethod =
  'paired differences; betting confidence sequence with diversified Kelly bets (Waudby-Smith and Ramdas 2024), ' +
  'valid for any scores between 0 and 1, for any number of cases and however often one looks';

/** From a difference, −1 to 1, to what bets are made on, 0 to 1. */
const unit = (difference: number) => (difference + 1) / 2;

/** Non-inferiority of the mean difference by a margin. */
export function judgeDifferences({ known, unknown }: Differences, { margin, alpha }: GateAsked): Bounds {
  const n = known.length + unknown.length;
  if (n === 0) return { verdict: 'not_enough_cases', difference: null, low: null, high: null, more: null };
  const atWorst = counted([...known, ...unknown.map(before => -before)].map(unit));
  const atBest = counted([...known, ...unknown.map(before => 1 - before)].map(unit));
  const border = unit(-margin);
  const passes = isAbove(atWorst, border, alpha);
  const fails = !passes && isAbove(mirrored(atBest), 1 - border, alpha);
  const difference = known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length;
  const needed =
    difference !== null && difference < -margin
      ? neededToBeAbove(mirrored(atBest), 1 - border, alpha)
      : neededToBeAbove(atWorst, border, alpha);
  return {
    verdict: passes ? 'pass' : fails ? 'fail' : 'not_enough_cases',
    difference,
    low: lowerBound(atWorst, alpha) * 2 - 1,
    high: upperBound(atBest, alpha) * 2 - 1,
    more: passes || fails || needed === null ? null : Math.max(1, needed - n),
  };
}

/** Whether the candidate may replace the baseline; a GoldenProblem when the evaluator does not say what is better. */
export function judgeRuns(paired: Paired, asked: GateAsked): GateResult {
  const { evaluator, direction, pairs } = paired;
  if (direction === 'none')
    throw new GoldenProblem('not_possible', `evaluator: ${evaluator} does not say which values are better`);
  const better = (score: number) => (direction === 'lower' ? 1 - score : score);
  const differences: Differences = { known: [], unknown: [] };
  let [leftOut, errors, before, after, judged] = [0, 0, 0, 0, 0];
  for (const { baseline, candidate, sameText } of pairs) {
    const was = scoreOf(baseline, evaluator);
    const is = candidateScore(candidate, paired);
    for (const score of [was, is]) checkShare(score, evaluator);
    if (was === null || !sameText) {
      leftOut += 1;
      continue;
    }
    if (hasFailed(candidate)) errors += 1;
    if (is === null) {
      differences.unknown.push(better(was));
      continue;
    }
    differences.known.push(better(is) - better(was));
    before += was;
    after += is;
    judged += 1;
  }
  const bounds = judgeDifferences(differences, asked);
  const result = {
    ...asked,
    evaluator,
    verdict: bounds.verdict,
    n: judged,
    unknown: differences.unknown.length,
    left_out: leftOut,
    errors,
    baseline_mean: judged === 0 ? null : before / judged,
    candidate_mean: judged === 0 ? null : after / judged,
    difference: bounds.difference,
    low: bounds.low,
    high: bounds.high,
    more_cases: bounds.more,
    method: gateMethod,
  };
  return { ...result, sentence: sentenceOf(result) };
}

function checkShare(score: number | null, evaluator: string): void {
  if (score !== null && (score < 0 || score > 1))
    throw new GoldenProblem(
      'not_possible',
      `evaluator: ${evaluator} has scores outside 0 to 1, such as ${score}`,
    );
}

/** Points are hundredths of a score. */
export const points = (value: number) => `${value > 0 ? '+' : value < 0 ? '−' : ''}${size(value)}`;
const size = (value: number) => (Math.abs(value) * 100).toFixed(1).replace(/\.0$/, '');

function sentenceOf(result: Omit<GateResult, 'sentence'>): string {
  const { verdict, evaluator, margin, alpha, n, unknown, difference, low, high, more_cases: more } = result;
  const sure = `${(100 - alpha * 100).toFixed(1).replace(/\.0$/, '')} % confidence`;
  if (difference === null || low === null || high === null)
    return `Not enough cases: no case has a score of ${evaluator} in both runs.`;
  const measured = `${points(difference)} points over ${n} cases`;
  if (verdict === 'pass')
    return `Pass: ${evaluator} is not worse by more than ${size(margin)} points (${measured}; at least ${points(low)} with ${sure}).`;
  if (verdict === 'fail')
    return `Fail: ${evaluator} is worse by more than ${size(margin)} points (${measured}; at most ${points(high)} with ${sure}).`;
  const waiting =
    unknown > 0 ? ` ${unknown} ${unknown === 1 ? 'case has' : 'cases have'} no score of the candidate.` : '';
  const enough =
    more === null
      ? 'More cases like these would not settle it.'
      : `About ${more} more ${more === 1 ? 'case' : 'cases'} like these would settle it.`;
  return `Not enough cases: ${evaluator} differs by ${measured}, and the border is ${points(-margin)}.${waiting} ${enough}`;
}
