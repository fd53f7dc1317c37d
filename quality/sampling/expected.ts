import type { Dimension } from '#contract/dimension.ts';
import type { ScoringRule } from '#contract/evaluator.ts';
import { type CallToScore, callsPerHour } from '#store/queries/calls-to-score.ts';
import { readScoringPlan, writeScoringPlan } from '#store/state/evaluators.ts';
import type { QualityDeps } from '../deps.ts';
import type { Expected } from './choose.ts';

const hourMs = 3_600_000;
const keptMs = 3 * 24 * hourMs;

/**
 * How many calls were to be expected in the hours of these calls, by the strata of the rules. It is counted once an hour and kept: a second
 * look at the same calls gives them the same chances.
 */
export async function expectedOf(
  { clickhouse, state, projectId, clock }: Pick<QualityDeps, 'clickhouse' | 'state' | 'projectId' | 'clock'>,
  calls: readonly CallToScore[],
  rules: readonly ScoringRule[],
): Promise<Expected> {
  const plans = new Map<string, Record<string, number>>();
  const designs = new Map<string, readonly Dimension[]>();
  for (const { sampling } of rules) {
    if (sampling.design === 'stratified') designs.set(sampling.by.join(), sampling.by);
  }
  for (const [strata, by] of designs) {
    for (const startMs of new Set(calls.map(call => hourOf(call)))) {
      const hour = new Date(startMs).toISOString();
      const known = await readScoringPlan(state, { projectId, strata, hour });
      const plan = known ?? (await callsPerHour(clickhouse, { projectId, by, hourMs: startMs }));
      if (!known) {
        const forget = new Date(clock.now() - keptMs).toISOString();
        await writeScoringPlan(state, { projectId, strata, hour, plan, forget });
      }
      plans.set(`${strata} ${startMs}`, plan);
    }
  }
  return (by, call) => {
    const stratum = JSON.stringify(by.map(dimension => call.dimensions[dimension] ?? ''));
    return plans.get(`${by.join()} ${hourOf(call)}`)?.[stratum] ?? 0;
  };
}

const hourOf = (call: CallToScore) => Math.floor(call.startMs / hourMs) * hourMs;
