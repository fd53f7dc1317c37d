import { randomUUID } from 'node:crypto';
import type { RuleAlert } from '#contract/rule.ts';
import type { AlertPeople, Verdict } from '#contract/verdict.ts';
import { changeRuleAlert, listRuleAlerts } from '#store/state/alert-rules.ts';
import {
  addAlertNote,
  getAlertVerdict,
  listAlertNotes,
  putAlertVerdict,
} from '#store/state/alert-verdicts.ts';
import { addIncidentEvent, getIncident } from '#store/state/incidents.ts';
import type { StateDb } from '#store/state/open.ts';
import type { AlertsDeps } from '../deps.ts';
import { readMuted } from '../lifecycle/groups.ts';
import { queueAcknowledged } from '../notify/acknowledged.ts';
import { says } from '../words.ts';
import { driftRuleId } from './record.ts';
import { alertView } from './views.ts';

const iso = (ms: number) => new Date(ms).toISOString();

/** Takes an alert of a rule: repeats and escalation stop, the resolve notice still comes. Null when there is none. */
export function acknowledgeAlertOfRule(deps: AlertsDeps, id: string, by: string): Promise<RuleAlert | null> {
  const at = iso(deps.clock.now());
  return change(deps, id, {
    columns: { acknowledged_by: by, acknowledged_at: at },
    kind: 'acknowledged',
    text: says.acknowledged(by),
  });
}

/** Nobody is told of it for some hours, but of its end. Null when there is none. */
export function snoozeAlertOfRule(deps: AlertsDeps, id: string, hours: number): Promise<RuleAlert | null> {
  const untilMs = deps.clock.now() + hours * 3_600_000;
  return change(deps, id, {
    columns: { snoozed_until: iso(untilMs) },
    kind: 'snoozed',
    text: says.snoozed(untilMs),
  });
}

async function change(
  deps: AlertsDeps,
  id: string,
  what: { columns: Parameters<typeof changeRuleAlert>[2]; kind: string; text: string },
): Promise<RuleAlert | null> {
  const { state, projectId, clock } = deps;
  return state.transaction().execute(async db => {
    const [known] = await listRuleAlerts(db, { projectId, ids: [id] });
    if (!known) return null;
    const row = await changeRuleAlert(db, id, what.columns);
    await addLine(db, id, { at: iso(clock.now()), kind: what.kind, text: what.text });
    const by = what.columns.acknowledged_by;
    if (by) await queueAcknowledged(db, { id, by, at: iso(clock.now()) });
    return row && alertView(row, await readMuted(db, projectId, clock.now()));
  });
}

/** The rule an alert counts for, an incident's or a plain rule's; null when there is no such alert. */
async function ruleOf(db: StateDb, projectId: string, id: string): Promise<string | null> {
  const [alert] = await listRuleAlerts(db, { projectId, ids: [id] });
  if (alert) return alert.rule_id;
  const incident = await getIncident(db, id);
  return incident && incident.project_id === projectId ? driftRuleId(incident.metric) : null;
}

/** What people said of an alert; null when there is none. */
export async function peopleOf(
  { state, projectId, clock }: AlertsDeps,
  id: string,
): Promise<AlertPeople | null> {
  const rule = await ruleOf(state, projectId, id);
  if (rule === null) return null;
  const [given, notes, muted] = [
    await getAlertVerdict(state, id),
    await listAlertNotes(state, id),
    await readMuted(state, projectId, clock.now()),
  ];
  return {
    id,
    rule_id: given?.rule_id ?? rule,
    verdict: given && { verdict: given.verdict, by: given.given_by, at: given.given_at, note: given.note },
    notes: notes.map(({ at, written_by, text }) => ({ at, by: written_by, text })),
    muted_by: muted.get(id) ?? null,
  };
}

/** Says whether an alert was real; the last word counts. Null when there is none. */
export async function giveVerdict(
  deps: AlertsDeps,
  id: string,
  { verdict, note, by }: { verdict: Verdict; note: string; by: string },
): Promise<AlertPeople | null> {
  const { state, projectId, clock } = deps;
  const at = iso(clock.now());
  const done = await state.transaction().execute(async db => {
    const rule_id = await ruleOf(db, projectId, id);
    if (rule_id === null) return false;
    await putAlertVerdict(db, {
      alert_id: id,
      project_id: projectId,
      rule_id,
      verdict,
      given_by: by,
      given_at: at,
      note,
    });
    const text = `${by} says: ${verdict}${note ? ` (${note})` : ''}.`;
    await addLine(db, id, { at, kind: 'verdict', text });
    return true;
  });
  return done ? peopleOf(deps, id) : null;
}

/** Writes a note into the timeline of an alert. Null when there is none. */
export async function writeNote(
  deps: AlertsDeps,
  id: string,
  { text, by }: { text: string; by: string },
): Promise<AlertPeople | null> {
  const { state, projectId, clock } = deps;
  const at = iso(clock.now());
  const done = await state.transaction().execute(async db => {
    if ((await ruleOf(db, projectId, id)) === null) return false;
    await addAlertNote(db, { note_id: randomUUID(), alert_id: id, at, written_by: by, text });
    await addLine(db, id, { at, kind: 'note', text: `${by}: ${text}` });
    return true;
  });
  return done ? peopleOf(deps, id) : null;
}

async function addLine(
  db: StateDb,
  id: string,
  { at, kind, text }: { at: string; kind: string; text: string },
): Promise<void> {
  const event_id = `${id}.${kind}.${at}.${randomUUID().slice(0, 8)}`;
  await addIncidentEvent(db, { event_id, incident_id: id, at, kind, text });
}
