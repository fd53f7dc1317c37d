import type { Dimension } from '#contract/dimension.ts';
import type { ScoringRule } from '#contract/evaluator.ts';
import type { CallToScore } from '#store/queries/calls-to-score.ts';
import { drawOf } from './draw.ts';

/** A call that a rule chose, and the chance it had. */
export interface Chosen {
  call: CallToScore;
  rule: ScoringRule;
  probability: number;
}

/** Calls expected in the hour of a call in the stratum it belongs to. */
export type Expected = (by: readonly Dimension[], call: CallToScore) => number;

/** Of the rules of an evaluator that of the call's feature, else the one for every feature; none when that is switched off. */
export function rulesFor(call: Pick<CallToScore, 'feature'>, rules: readonly ScoringRule[]): ScoringRule[] {
  const own = rules.filter(rule => rule.feature === call.feature);
  const named = new Set(own.map(rule => rule.evaluator));
  const others = rules.filter(rule => rule.feature === '' && !named.has(rule.evaluator));
  return [...(call.feature === '' ? [] : own), ...(call.feature === '' ? own : others)].filter(
    rule => rule.enabled,
  );
}

/** The chance that a rule gives a call, before the budget. A stratum that nobody expected is scored whole. */
export function chanceOf(rule: ScoringRule, call: CallToScore, expected: Expected): number {
  if (rule.sampling.design === 'uniform') return rule.sampling.rate;
  const { target_per_hour: target, by } = rule.sampling;
  return Math.min(1, target / Math.max(expected(by, call), Number.MIN_VALUE));
}

/** By how much all chances shrink so that about `allowance` scores are made. */
export function thinning(
  calls: readonly CallToScore[],
  rules: readonly ScoringRule[],
  { expected, allowance }: { expected: Expected; allowance: number },
): number {
  let wanted = 0;
  for (const call of calls) {
    for (const rule of rulesFor(call, rules)) wanted += chanceOf(rule, call, expected);
  }
  return wanted <= allowance ? 1 : allowance / wanted;
}

/** Whom to score. The same calls with the same rules give the same choice. */
export function choose(
  calls: readonly CallToScore[],
  rules: readonly ScoringRule[],
  { expected, thin, seed }: { expected: Expected; thin: number; seed: string },
): Chosen[] {
  return calls.flatMap(call => {
    const draw = drawOf({ traceId: call.traceId, spanId: call.spanId, seed });
    return rulesFor(call, rules)
      .map(rule => ({ call, rule, probability: chanceOf(rule, call, expected) * thin }))
      .filter(({ probability }) => draw < probability);
  });
}

/** Dimensions that any rule needs to know of calls. */
export function dimensionsOf(rules: readonly ScoringRule[]): Dimension[] {
  const all = rules.flatMap(({ sampling }) => (sampling.design === 'stratified' ? sampling.by : []));
  return [...new Set(all)];
}
