import { randomUUID } from 'node:crypto';
import type { Routing } from '#contract/route.ts';
import type { RuleDefinition, RuleView } from '#contract/rule.ts';
import { ruleDefinition } from '#contract/rule.ts';
import type { RulesChange } from '#contract/rules-file.ts';
import {
  type AlertRuleRow,
  getAlertRule,
  listAlertRules,
  listRuleAlerts,
  putAlertRule,
  putRuleAlert,
  readAlertStates,
  removeAlertRule,
  removeAlertState,
} from '#store/state/alert-rules.ts';
import { addIncidentEvent } from '#store/state/incidents.ts';
import type { StateDb } from '#store/state/open.ts';
import { writeSetting } from '#store/state/settings.ts';
import type { AlertsDeps } from '../deps.ts';
import { eventId } from '../lifecycle/ids.ts';
import { checkChannels, UnknownChannelError } from '../lifecycle/route-channels.ts';
import { readRouting } from '../lifecycle/routing.ts';
import type { AlertFlags } from '../lifecycle/subjects.ts';
import { readRecords } from './record.ts';
import { readPowers, ruleView } from './views.ts';
import {
  diffLines,
  RulesFileError,
  type RulesFileRead,
  routingYaml,
  rulesFileYaml,
  ruleYaml,
} from './yaml.ts';

/** Another rule has this name. */
export class NameTakenError extends Error {}

/** Adds a rule, or changes the one with this id; null when there is none. */
export async function saveRule(
  deps: AlertsDeps,
  definition: RuleDefinition,
  ruleId?: string,
): Promise<RuleView | null> {
  const { state, projectId, clock } = deps;
  const nowMs = clock.now();
  const row = await state.transaction().execute(async db => {
    const rules = await listAlertRules(db, projectId);
    const before = ruleId === undefined ? null : (rules.find(({ rule_id }) => rule_id === ruleId) ?? null);
    if (ruleId !== undefined && before === null) return null;
    if (rules.some(({ name, rule_id }) => name === definition.name && rule_id !== ruleId))
      throw new NameTakenError(`name: there is a rule ${definition.name} already`);
    return write(db, { projectId, nowMs, definition, before, source: before?.source ?? 'ui' });
  });
  if (row === null) return null;
  const states = await readAlertStates(state, [row.rule_id]);
  const powerFor = await readPowers(deps, [definition]);
  return ruleView(row, { states, record: (await readRecords(deps))(row.rule_id), powerFor });
}

/** Removes a rule; its open alerts are resolved. False when there is none. */
export async function deleteRule({ state, projectId, clock }: AlertsDeps, ruleId: string): Promise<boolean> {
  return state.transaction().execute(async db => {
    const row = await getAlertRule(db, projectId, ruleId);
    if (row === null) return false;
    await closeAlerts(db, { projectId, ruleId, nowMs: clock.now(), why: 'Resolved: the rule was removed.' });
    await removeAlertRule(db, ruleId);
    return true;
  });
}

async function write(
  db: StateDb,
  at: {
    projectId: string;
    nowMs: number;
    definition: RuleDefinition;
    before: AlertRuleRow | null;
    source: AlertRuleRow['source'];
  },
): Promise<AlertRuleRow> {
  const { projectId, nowMs, definition, before, source } = at;
  const now = new Date(nowMs).toISOString();
  const row: AlertRuleRow = {
    rule_id: before?.rule_id ?? `rule_${randomUUID().replaceAll('-', '').slice(0, 20)}`,
    project_id: projectId,
    name: definition.name,
    definition: JSON.stringify(definition),
    source,
    created_at: before?.created_at ?? now,
    updated_at: now,
  };
  await putAlertRule(db, row);
  if (before && !isSameQuestion(before, definition)) {
    const why = definition.enabled
      ? 'Resolved: the rule was changed and asks something else.'
      : 'Resolved: the rule was switched off.';
    await closeAlerts(db, { projectId, ruleId: row.rule_id, nowMs, why });
  }
  return row;
}

/** Whether alerts that are open are still about what the rule asks: another threshold is, another metric is not. */
function isSameQuestion(before: AlertRuleRow, after: RuleDefinition): boolean {
  const old = JSON.parse(before.definition) as RuleDefinition;
  const about = (rule: RuleDefinition) =>
    JSON.stringify([
      rule.kind,
      rule.filter,
      rule.group_by,
      rule.enabled,
      'metric' in rule ? rule.metric : null,
    ]);
  return about(old) === about(after);
}

/** Resolves what is open of a rule and forgets where it stood; those who were told hear of it from the next round on. */
async function closeAlerts(
  db: StateDb,
  { projectId, ruleId, nowMs, why }: { projectId: string; ruleId: string; nowMs: number; why: string },
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  for (const row of await listRuleAlerts(db, { projectId, ruleId, state: 'firing' })) {
    const flags = JSON.parse(row.flags) as AlertFlags;
    const transitions = row.transitions + 1;
    await putRuleAlert(db, {
      ...row,
      state: 'resolved',
      resolved_at: at,
      transitions,
      flags: JSON.stringify({ ...flags, recovering_since: null, flapping: false, news: flags.news + 1 }),
    });
    const event_id = `${eventId(row.dedup_key, transitions)}.${row.alert_id}`;
    await addIncidentEvent(db, { event_id, incident_id: row.alert_id, at, kind: 'resolved', text: why });
  }
  for (const { group_key } of await readAlertStates(db, [ruleId]))
    await removeAlertState(db, ruleId, group_key);
}

const definitionOf = ({ definition }: AlertRuleRow): RuleDefinition =>
  ruleDefinition.parse(JSON.parse(definition));

/** All plain rules and routes as the text of a `driftline.yaml`. */
export async function exportRules({ state, projectId }: AlertsDeps): Promise<string> {
  const rows = await listAlertRules(state, projectId);
  return rulesFileYaml(rows.map(definitionOf), await readRouting(state));
}

/**
 * Makes rules be as a file says: those of its names are changed or added, those that came from a file and are not in it any more
 * are removed, those made in the dashboard stay. With `dryRun` only says what it would do.
 */
export async function applyRules(
  { state, projectId, clock }: AlertsDeps,
  { file, lineOf }: RulesFileRead,
  dryRun: boolean,
): Promise<{ applied: boolean; changes: RulesChange[]; unchanged: number }> {
  const nowMs = clock.now();
  return state.transaction().execute(async db => {
    if (file.routing) await checkRoutes(db, file.routing, lineOf);
    const rows = await listAlertRules(db, projectId);
    const changes: RulesChange[] = [];
    let unchanged = 0;
    for (const definition of file.rules) {
      const before = rows.find(({ name }) => name === definition.name) ?? null;
      const diff = diffLines(before ? ruleYaml(definitionOf(before)) : '', ruleYaml(definition));
      const isSame = before !== null && diff.every(line => line.startsWith(' '));
      if (isSame && before.source === 'file') {
        unchanged += 1;
        continue;
      }
      changes.push({ what: 'rule', name: definition.name, action: before ? 'change' : 'add', diff });
      if (!dryRun) await write(db, { projectId, nowMs, definition, before, source: 'file' });
    }
    for (const row of rows) {
      if (row.source !== 'file' || file.rules.some(({ name }) => name === row.name)) continue;
      changes.push({
        what: 'rule',
        name: row.name,
        action: 'remove',
        diff: diffLines(ruleYaml(definitionOf(row)), ''),
      });
      if (dryRun) continue;
      const why = 'Resolved: the rule was removed.';
      await closeAlerts(db, { projectId, ruleId: row.rule_id, nowMs, why });
      await removeAlertRule(db, row.rule_id);
    }
    if (file.routing) {
      const diff = diffLines(routingYaml(await readRouting(db)), routingYaml(file.routing));
      if (diff.every(line => line.startsWith(' '))) unchanged += 1;
      else {
        changes.push({ what: 'routing', name: 'routing', action: 'change', diff });
        if (!dryRun) await writeSetting(db, 'routing', file.routing);
      }
    }
    return { applied: !dryRun, changes, unchanged };
  });
}

/** Also in a dry run: a file that would be refused must not look as if it could be applied. */
async function checkRoutes(db: StateDb, routing: Routing, lineOf: RulesFileRead['lineOf']): Promise<void> {
  try {
    await checkChannels(db, routing);
  } catch (error) {
    if (!(error instanceof UnknownChannelError)) throw error;
    throw new RulesFileError(`${lineOf(['routing', ...error.path])}, ${error.message}`);
  }
}
