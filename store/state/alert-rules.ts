import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { AlertRuleTable, AlertStateTable, RuleAlertTable } from './schema.ts';

export type AlertRuleRow = Selectable<AlertRuleTable>;
export type AlertStateRow = Selectable<AlertStateTable>;
export type RuleAlertRow = Selectable<RuleAlertTable>;

/** By name. */
export async function listAlertRules(db: StateDb, projectId: string): Promise<AlertRuleRow[]> {
  return db
    .selectFrom('alert_rules')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('name')
    .execute();
}

export async function getAlertRule(
  db: StateDb,
  projectId: string,
  ruleId: string,
): Promise<AlertRuleRow | null> {
  const row = await db
    .selectFrom('alert_rules')
    .selectAll()
    .where('rule_id', '=', ruleId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row ?? null;
}

/** Adds a rule, or replaces the one with this id. Fails when another has its name. */
export async function putAlertRule(db: StateDb, row: AlertRuleRow): Promise<void> {
  const { rule_id: _id, project_id: _project, created_at: _created, ...change } = row;
  await db
    .insertInto('alert_rules')
    .values(row)
    .onConflict(conflict => conflict.column('rule_id').doUpdateSet(change))
    .execute();
}

/** With where it stood; its alerts stay. */
export async function removeAlertRule(db: StateDb, ruleId: string): Promise<void> {
  await db.deleteFrom('alert_rules').where('rule_id', '=', ruleId).execute();
  await db.deleteFrom('alert_states').where('rule_id', '=', ruleId).execute();
}

export async function readAlertStates(db: StateDb, ruleIds: readonly string[]): Promise<AlertStateRow[]> {
  if (ruleIds.length === 0) return [];
  return db
    .selectFrom('alert_states')
    .selectAll()
    .where('rule_id', 'in', [...ruleIds])
    .execute();
}

export async function writeAlertStates(db: StateDb, rows: readonly AlertStateRow[]): Promise<void> {
  for (const row of rows) {
    const { alert_id, state, evaluated_at } = row;
    await db
      .insertInto('alert_states')
      .values(row)
      .onConflict(conflict =>
        conflict.columns(['rule_id', 'group_key']).doUpdateSet({ alert_id, state, evaluated_at }),
      )
      .execute();
  }
}

export async function removeAlertState(db: StateDb, ruleId: string, groupKey: string): Promise<void> {
  await db
    .deleteFrom('alert_states')
    .where('rule_id', '=', ruleId)
    .where('group_key', '=', groupKey)
    .execute();
}

/** Adds an alert; of a known one everything but what people did to it is replaced. */
export async function putRuleAlert(db: StateDb, row: RuleAlertRow): Promise<void> {
  const { rule_name, severity, title, state, value, flags, transitions, resolved_at } = row;
  await db
    .insertInto('rule_alerts')
    .values(row)
    .onConflict(conflict =>
      conflict
        .column('alert_id')
        .doUpdateSet({ rule_name, severity, title, state, value, flags, transitions, resolved_at }),
    )
    .execute();
}

/** Firing first, then newest first. */
export async function listRuleAlerts(
  db: StateDb,
  asked: {
    projectId: string;
    state?: 'firing' | 'resolved' | undefined;
    ruleId?: string | undefined;
    ids?: readonly string[] | undefined;
    openedFrom?: string | undefined;
    limit?: number | undefined;
  },
): Promise<RuleAlertRow[]> {
  if (asked.ids?.length === 0) return [];
  let query = db
    .selectFrom('rule_alerts')
    .selectAll()
    .where('project_id', '=', asked.projectId)
    .orderBy(eb => eb.case().when('state', '=', 'firing').then(0).else(1).end())
    .orderBy('opened_at', 'desc')
    .orderBy('alert_id')
    .limit(asked.limit ?? 10_000);
  if (asked.state) query = query.where('state', '=', asked.state);
  if (asked.ruleId) query = query.where('rule_id', '=', asked.ruleId);
  if (asked.ids) query = query.where('alert_id', 'in', [...asked.ids]);
  if (asked.openedFrom) query = query.where('opened_at', '>=', asked.openedFrom);
  return query.execute();
}

/** What people do to an alert; the row after it, or null when there is none. */
export async function changeRuleAlert(
  db: StateDb,
  alertId: string,
  change: Partial<
    Pick<RuleAlertRow, 'acknowledged_by' | 'acknowledged_at' | 'snoozed_until' | 'state' | 'resolved_at'>
  >,
): Promise<RuleAlertRow | null> {
  const row = await db
    .updateTable('rule_alerts')
    .set(change)
    .where('alert_id', '=', alertId)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

export interface FailingRule {
  rule_id: string;
  name: string;
  error: string;
  /** ISO 8601. */
  since: string;
}

/** Evaluations in a row that must fail before a rule counts as failing. */
const fewestErrors = 3;

/** Rules that could not be evaluated several times in a row. */
export async function listFailingRules(db: StateDb): Promise<FailingRule[]> {
  const rows = await db
    .selectFrom('alert_states')
    .innerJoin('alert_rules', 'alert_rules.rule_id', 'alert_states.rule_id')
    .select(['alert_rules.rule_id', 'alert_rules.name', 'alert_states.state', 'alert_states.evaluated_at'])
    .orderBy('alert_rules.rule_id')
    .execute();
  const failing = new Map<string, FailingRule>();
  for (const { rule_id, name, state, evaluated_at } of rows) {
    const { error, errors } = JSON.parse(state) as { error: string | null; errors: number };
    if (error !== null && errors >= fewestErrors)
      failing.set(rule_id, { rule_id, name, error, since: evaluated_at });
  }
  return [...failing.values()];
}
