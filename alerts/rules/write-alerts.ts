import type { RuleDefinition } from '#contract/rule.ts';
import {
  type AlertRuleRow,
  listRuleAlerts,
  putRuleAlert,
  type RuleAlertRow,
} from '#store/state/alert-rules.ts';
import { addIncidentEvent } from '#store/state/incidents.ts';
import type { StateDb } from '#store/state/open.ts';
import { alertId, dedupKey, eventId } from '../lifecycle/ids.ts';
import { isFiring, type LifecycleEvent } from '../lifecycle/state.ts';
import type { AlertFlags } from '../lifecycle/subjects.ts';
import { says } from '../words.ts';
import type { Stepped } from './evaluate.ts';
import type { KnownGroup } from './live.ts';
import { duration, titleOf } from './words.ts';

/** Events after which those who were told must hear again. */
const isNews: ReadonlySet<LifecycleEvent['kind']> = new Set(['fired', 'resolved', 'flapping', 'no_data']);

/**
 * Writes the alerts of a rule after a step: rows and timelines. Answers with the ids of those that changed, by group key of
 * those that are open now, and of those that were over and are taken back.
 */
export async function writeAlerts(
  db: StateDb,
  at: {
    row: AlertRuleRow;
    rule: RuleDefinition;
    known: ReadonlyMap<string, KnownGroup>;
    projectId: string;
    stepped: readonly Stepped[];
    nowMs: number;
  },
): Promise<{ changed: string[]; open: Map<string, string>; retracted: string[] }> {
  const openIds = [...at.known.values()].flatMap(({ alertId: id }) => id ?? []);
  const rows = await listRuleAlerts(db, { projectId: at.projectId, ids: openIds });
  const changed: string[] = [];
  const open = new Map<string, string>();
  const retracted: string[] = [];
  for (const one of at.stepped) {
    retracted.push(...(await retractEnded(db, at, one)));
    const known = at.known.get(one.key)?.alertId ?? null;
    const before = rows.find(({ alert_id }) => alert_id === known) ?? null;
    const after = alertAfter(at, one, before);
    if (!after) continue;
    if (isFiring(one.state)) open.set(one.key, after.alert_id);
    if (before === null || JSON.stringify(before) !== JSON.stringify(after)) await putRuleAlert(db, after);
    for (const event of one.events) await addLine(db, after, event, one);
    if (one.events.length > 0) changed.push(after.alert_id);
  }
  return { changed: [...changed, ...retracted], open, retracted };
}

/** Says of alerts that are over that late data do not support them; the ids of those of which it was not said before. */
async function retractEnded(
  db: StateDb,
  { row, projectId, nowMs }: Pick<Parameters<typeof writeAlerts>[1], 'row' | 'projectId' | 'nowMs'>,
  { labels, takenBack = [] }: Stepped,
): Promise<string[]> {
  const key = dedupKey(projectId, row.rule_id, labels as Record<string, string>);
  const ids = takenBack.map(transitions => alertId(key, transitions));
  const rows = await listRuleAlerts(db, { projectId, ids, state: 'resolved' });
  const at = new Date(nowMs).toISOString();
  for (const alert of rows) {
    const flags: AlertFlags = { ...(JSON.parse(alert.flags) as AlertFlags), retracted: true };
    await putRuleAlert(db, { ...alert, flags: JSON.stringify(flags) });
    const event_id = `${alert.alert_id}.retracted`;
    const text = says.retractedAlert();
    await addIncidentEvent(db, { event_id, incident_id: alert.alert_id, at, kind: 'retracted', text });
  }
  return rows.map(({ alert_id }) => alert_id);
}

/** The alert of a group as it stands after a step; null while there is none. */
function alertAfter(
  {
    row,
    rule,
    projectId,
    nowMs,
  }: { row: AlertRuleRow; rule: RuleDefinition; projectId: string; nowMs: number },
  { labels, state, events, verdict }: Stepped,
  before: RuleAlertRow | null,
): RuleAlertRow | null {
  const fired = events.some(({ kind }) => kind === 'fired');
  if (!fired && before === null) return null;
  const now = new Date(nowMs).toISOString();
  const key = dedupKey(projectId, row.rule_id, labels as Record<string, string>);
  const firing = isFiring(state);
  const title = titleOf(rule, labels as Record<string, string>, state);
  const earlier = before ? (JSON.parse(before.flags) as AlertFlags).news : 0;
  const flags: AlertFlags = {
    recovering_since:
      state.recoveringSinceMs === null ? null : new Date(state.recoveringSinceMs).toISOString(),
    no_data: state.noData,
    stale: state.stale,
    flapping: state.flapping,
    provisional: firing && (state.firedOn?.provisional ?? false),
    retracted: events.some(({ kind, reason }) => kind === 'resolved' && reason === 'retracted'),
    news: earlier + events.filter(({ kind }) => isNews.has(kind)).length,
  };
  return {
    alert_id: before?.alert_id ?? alertId(key, state.transitions),
    project_id: projectId,
    rule_id: row.rule_id,
    dedup_key: key,
    rule_name: rule.name,
    kind: rule.kind,
    severity: rule.severity,
    labels: before?.labels ?? JSON.stringify({ ...rule.filter, ...labels }),
    // What it is over for is no longer true: the title stays with what fired.
    title: before && verdict.kind !== 'breach' && !state.noData ? before.title : title,
    state: firing ? 'firing' : 'resolved',
    value: verdict.kind === 'breach' || before === null ? state.value : before.value,
    flags: JSON.stringify(flags),
    transitions: state.transitions,
    opened_at: before?.opened_at ?? now,
    resolved_at: firing ? null : (before?.resolved_at ?? now),
    acknowledged_by: before?.acknowledged_by ?? null,
    acknowledged_at: before?.acknowledged_at ?? null,
    snoozed_until: before?.snoozed_until ?? null,
  };
}

async function addLine(db: StateDb, alert: RuleAlertRow, event: LifecycleEvent, one: Stepped): Promise<void> {
  const { kind, atMs } = event;
  const named = eventId(alert.dedup_key, one.state.transitions);
  await addIncidentEvent(db, {
    event_id: kind === 'fired' || kind === 'resolved' ? named : `${named}.${kind}.${atMs}`,
    incident_id: alert.alert_id,
    at: new Date(atMs).toISOString(),
    kind,
    text: lineOf(event, alert, one),
  });
}

function lineOf({ kind, reason }: LifecycleEvent, { title }: RuleAlertRow, { state }: Stepped): string {
  switch (kind) {
    case 'pending':
      return 'The condition holds; it is told when that lasts.';
    case 'cancelled':
      return 'The condition was over before anybody was told.';
    case 'fired':
      return `Fired: ${title}.${state.firedOn?.provisional ? ` ${says.provisional()}` : ''}`;
    case 'confirmed':
      return says.confirmed();
    case 'recovering':
      return 'The condition is over; resolved when that lasts.';
    case 'relapsed':
      return 'The condition holds again.';
    case 'resolved':
      if (reason === 'retracted') return says.retractedAlert();
      return reason === 'no_longer_reported' ? 'Resolved: no longer reported.' : 'Resolved.';
    case 'flapping':
      return `Flapping: more than 4 turns within an hour. Held open until ${duration(1800)} pass without one.`;
    case 'settled':
      return `No turn for ${duration(1800)}: not flapping any more.`;
    case 'no_data':
      return 'No data arrive.';
    case 'data_back':
      return 'Data arrive again.';
    case 'error':
      return `The rule could not be evaluated three times in a row: ${(state.error ?? '').slice(0, 300)}`;
    case 'error_over':
      return 'The rule can be evaluated again.';
    case 'stale':
      return 'Data arrive later than the window is long; the alert stays as it is meanwhile.';
    case 'fresh':
      return 'Data arrive in time again.';
  }
}
