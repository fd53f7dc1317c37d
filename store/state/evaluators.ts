import { type Sampling, type ScoringRule, sampling } from '#contract/evaluator.ts';
import type { StateDb } from './open.ts';
import type { ScoringRuleTable } from './schema.ts';
import { readSetting } from './settings.ts';

/** Enough for a small installation's traffic, little enough to leave the machine alone. */
const defaultScoresPerMinute = 600;

/** By evaluator, then feature. */
export async function readScoringRules(db: StateDb, projectId: string): Promise<ScoringRule[]> {
  const rows = await db
    .selectFrom('scoring_rules')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('evaluator')
    .orderBy('feature')
    .execute();
  return rows.map(ruleOf);
}

function ruleOf(row: ScoringRuleTable): ScoringRule {
  return {
    evaluator: row.evaluator,
    feature: row.feature,
    enabled: Boolean(row.enabled),
    settings: JSON.parse(row.settings) as Record<string, unknown>,
    sampling: sampling.parse(JSON.parse(row.sampling)) as Sampling,
    updated_at: row.updated_at,
  };
}

/** Adds the rule of an evaluator and feature, or replaces it. */
export async function writeScoringRule(db: StateDb, projectId: string, rule: ScoringRule): Promise<void> {
  const said = {
    enabled: rule.enabled ? 1 : 0,
    settings: JSON.stringify(rule.settings),
    sampling: JSON.stringify(rule.sampling),
    updated_at: rule.updated_at,
  } as const;
  await db
    .insertInto('scoring_rules')
    .values({ project_id: projectId, evaluator: rule.evaluator, feature: rule.feature, ...said })
    .onConflict(conflict => conflict.columns(['project_id', 'evaluator', 'feature']).doUpdateSet(said))
    .execute();
}

/** False when there was none. */
export async function removeScoringRule(
  db: StateDb,
  projectId: string,
  { evaluator, feature }: Pick<ScoringRule, 'evaluator' | 'feature'>,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('scoring_rules')
    .where('project_id', '=', projectId)
    .where('evaluator', '=', evaluator)
    .where('feature', '=', feature)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function readScoresPerMinute(db: StateDb): Promise<number> {
  return (await readSetting(db, 'scoring'))?.scores_per_minute ?? defaultScoresPerMinute;
}

interface PlanKey {
  projectId: string;
  /** What the calls are grouped by. */
  strata: string;
  /** ISO 8601 start of the hour. */
  hour: string;
}

/** Calls expected in that hour by stratum; null when nobody has counted yet. */
export async function readScoringPlan(
  db: StateDb,
  { projectId, strata, hour }: PlanKey,
): Promise<Record<string, number> | null> {
  const row = await db
    .selectFrom('scoring_plans')
    .select('plan')
    .where('project_id', '=', projectId)
    .where('strata', '=', strata)
    .where('hour', '=', hour)
    .executeTakeFirst();
  return row ? (JSON.parse(row.plan) as Record<string, number>) : null;
}

/** The first plan of an hour stays; plans of hours before `forget` go. */
export async function writeScoringPlan(
  db: StateDb,
  { projectId, strata, hour, plan, forget }: PlanKey & { plan: Record<string, number>; forget: string },
): Promise<void> {
  await db
    .insertInto('scoring_plans')
    .values({ project_id: projectId, strata, hour, plan: JSON.stringify(plan) })
    .onConflict(conflict => conflict.columns(['project_id', 'strata', 'hour']).doNothing())
    .execute();
  await db.deleteFrom('scoring_plans').where('hour', '<', forget).execute();
}
