import type { RuleDefinition } from '#contract/rule.ts';
import { listAlertRules, listRuleAlerts, type RuleAlertRow } from '#store/state/alert-rules.ts';
import { countEvents, type IncidentRow, listFiringIncidents } from '#store/state/incidents.ts';
import type { StateDb } from '#store/state/open.ts';
import { leadOf } from '../incident.ts';
import { fromRow } from '../incident-rows.ts';
import { title } from '../words.ts';
import type { AlertLabels } from './match.ts';

/** Anything people are told of, an incident or the alert of a rule, as routes and groups see it. */
export interface Subject {
  id: string;
  labels: AlertLabels;
  title: string;
  firing: boolean;
  news: number;
  acknowledged: boolean;
  snoozedUntilMs: number | null;
  row: { incident: IncidentRow } | { alert: RuleAlertRow };
}

/** What is kept beside an alert of a rule. */
export interface AlertFlags {
  recovering_since: string | null;
  no_data: boolean;
  stale: boolean;
  flapping: boolean;
  /** It fires on data that are not complete; missing in alerts from before there was a flag. */
  provisional?: boolean;
  /** Data that came late took it back. */
  retracted?: boolean;
  /** Grows whenever somebody must hear of it again. */
  news: number;
}

/** All that fires, and those of `ids` that do not any more. */
export async function readSubjects(
  db: StateDb,
  projectId: string,
  ids: readonly string[],
): Promise<Subject[]> {
  const firing = await listRuleAlerts(db, { projectId, state: 'firing' });
  const known = new Set(firing.map(({ alert_id }) => alert_id));
  const over = ids.filter(id => id.startsWith('alr_') && !known.has(id));
  const rows = [...firing, ...(await listRuleAlerts(db, { projectId, ids: over }))];
  const incidents = await listFiringIncidents(
    db,
    projectId,
    ids.filter(id => !id.startsWith('alr_')),
  );
  const worsened = await countEvents(
    db,
    incidents.map(({ incident_id }) => incident_id),
    'worsened',
  );
  const metrics = rows.length > 0 ? await metricsOfRules(db, projectId) : new Map<string, string>();
  return [
    ...rows.map(row => ofAlert(row, metrics.get(row.rule_id))),
    ...incidents.map(row => ofIncident(row, 1 + (worsened.get(row.incident_id) ?? 0))),
  ];
}

/** What each threshold asks of, by rule id. */
async function metricsOfRules(db: StateDb, projectId: string): Promise<Map<string, string>> {
  const rules = await listAlertRules(db, projectId);
  return new Map(
    rules.flatMap(({ rule_id, definition }) => {
      const rule = JSON.parse(definition) as RuleDefinition;
      return rule.kind === 'threshold' ? [[rule_id, rule.metric] as const] : [];
    }),
  );
}

function ofAlert(alert: RuleAlertRow, metric: string | undefined): Subject {
  const flags = JSON.parse(alert.flags) as AlertFlags;
  const { alert_id, rule_name, kind, severity, labels, title, state, acknowledged_at, snoozed_until } = alert;
  return {
    id: alert_id,
    labels: {
      ...(JSON.parse(labels) as AlertLabels),
      rule: rule_name,
      kind,
      severity,
      reason: flags.no_data ? 'no_data' : 'condition',
      ...(metric !== undefined && { metric }),
    },
    title,
    firing: state === 'firing',
    news: flags.news,
    acknowledged: acknowledged_at !== null,
    snoozedUntilMs: snoozed_until === null ? null : Date.parse(snoozed_until),
    row: { alert },
  };
}

function ofIncident(incident: IncidentRow, news: number): Subject {
  const { incident_id, feature, model, environment, metric, acknowledged_at, snoozed_until } = incident;
  return {
    id: incident_id,
    labels: {
      rule: `drift:${metric}`,
      kind: 'drift',
      severity: 'critical',
      feature,
      model,
      environment,
      metric,
    },
    title: title(leadOf(fromRow(incident).incident)),
    firing: incident.state === 'firing',
    news,
    acknowledged: acknowledged_at !== null,
    snoozedUntilMs: snoozed_until === null ? null : Date.parse(snoozed_until),
    row: { incident },
  };
}
