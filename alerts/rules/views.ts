import type { z } from 'zod';
import type { RuleAlert, RuleDefinition, RulePower, RuleView, ruleAlertById } from '#contract/rule.ts';
import { ruleDefinition } from '#contract/rule.ts';
import { readTraffic } from '#store/queries/rule-traffic.ts';
import {
  type AlertRuleRow,
  type AlertStateRow,
  listAlertRules,
  listRuleAlerts,
  type RuleAlertRow,
  readAlertStates,
} from '#store/state/alert-rules.ts';
import { incidentEvents } from '#store/state/incidents.ts';
import type { AlertsDeps } from '../deps.ts';
import { familyOf, readKnown } from '../drift-overview.ts';
import { readDriftSettings } from '../drift-settings.ts';
import { readMuted } from '../lifecycle/groups.ts';
import type { Lifecycle } from '../lifecycle/state.ts';
import type { AlertFlags } from '../lifecycle/subjects.ts';
import { watchedMetric } from '../watched-metric.ts';
import { metricLabel } from '../words.ts';
import { alertChart } from './alert-chart.ts';
import { driftPowers } from './drift-power.ts';
import { neededBy } from './measure.ts';
import { driftRuleId, readRecords } from './record.ts';
import { rulePower, trafficOf } from './rule-power.ts';
import { summaryOf } from './words.ts';

/** Everything that can fire: drift by metric first, then plain rules by name. */
export async function listRules(deps: AlertsDeps): Promise<RuleView[]> {
  const { state, projectId, clock } = deps;
  const rows = await listAlertRules(state, projectId);
  const ids = rows.map(({ rule_id }) => rule_id);
  const [states, recordOf, known, settings, powerFor] = await Promise.all([
    readAlertStates(state, ids),
    readRecords(deps),
    readKnown(deps),
    readDriftSettings(state),
    readPowers(deps, rows.map(definitionOf)),
  ]);
  const powers = driftPowers(known, familyOf(known, settings, clock.now()).threshold);
  const metrics = new Set(known.map(({ row }) => watchedMetric(row.metric)!.name));
  return [
    ...[...metrics].sort().map(metric => ({
      ...driftRule(metric, recordOf(driftRuleId(metric))),
      power: powers.get(metric) ?? null,
    })),
    ...rows.map(row => ruleView(row, { states, record: recordOf(row.rule_id), powerFor })),
  ];
}

const powerDays = 7;

/** The power label of plain rules, from the traffic of the days before; one read for all of them. */
export async function readPowers(
  { clickhouse, projectId, clock }: AlertsDeps,
  rules: readonly RuleDefinition[],
): Promise<(rule: RuleDefinition) => RulePower | null> {
  const toMs = Math.floor(clock.now() / 3_600_000) * 3_600_000;
  const range = { projectId, fromMs: toMs - powerDays * 86_400_000, toMs };
  const metrics = new Set(rules.flatMap(rule => neededBy(rule).metrics));
  const traffic = await readTraffic(clickhouse, range, [...metrics]);
  return rule => rulePower(rule, trafficOf(rule, traffic, toMs));
}

const definitionOf = ({ definition }: AlertRuleRow): RuleDefinition =>
  ruleDefinition.parse(JSON.parse(definition));

const driftRule = (metric: string, record: RuleView['record']): Omit<RuleView, 'power'> => ({
  id: driftRuleId(metric),
  name: driftRuleId(metric),
  kind: 'drift',
  summary: `${metricLabel(metric)} of any feature changes for good`,
  source: 'built-in',
  severity: 'critical',
  enabled: true,
  definition: null,
  error: null,
  evaluated_at: null,
  updated_at: null,
  record,
});

export function ruleView(
  row: AlertRuleRow,
  {
    states,
    record,
    powerFor,
  }: {
    states: readonly AlertStateRow[];
    record: RuleView['record'];
    powerFor: (rule: RuleDefinition) => RulePower | null;
  },
): RuleView {
  const definition = definitionOf(row);
  const own = states.filter(({ rule_id }) => rule_id === row.rule_id);
  const failing = own
    .map(({ state }) => (JSON.parse(state) as Lifecycle).error)
    .find(error => error !== null);
  return {
    id: row.rule_id,
    name: row.name,
    kind: definition.kind,
    summary: summaryOf(definition),
    source: row.source,
    severity: definition.severity,
    enabled: definition.enabled,
    definition,
    error: failing ?? null,
    evaluated_at:
      own
        .map(({ evaluated_at }) => evaluated_at)
        .sort()
        .at(-1) ?? null,
    updated_at: row.updated_at,
    record,
    power: powerFor(definition),
  };
}

/** Alerts of plain rules, firing first, newest first. */
export async function listAlertsOfRules(
  deps: AlertsDeps,
  asked: { state: 'firing' | 'resolved' | 'any'; rule_id?: string | undefined; limit: number },
): Promise<RuleAlert[]> {
  const { state, projectId, clock } = deps;
  const wanted = asked.state === 'any' ? undefined : asked.state;
  const rows = await listRuleAlerts(state, {
    projectId,
    state: wanted,
    ruleId: asked.rule_id,
    limit: asked.limit,
  });
  const muted = await readMuted(state, projectId, clock.now());
  return rows.map(row => alertView(row, muted));
}

/** One alert with its timeline; null when there is none. */
export async function ruleAlertDetail(
  deps: AlertsDeps,
  id: string,
): Promise<z.input<(typeof ruleAlertById)['reply']> | null> {
  const { state, projectId, clock } = deps;
  const [row] = await listRuleAlerts(state, { projectId, ids: [id] });
  if (!row) return null;
  const rule = (await listAlertRules(state, projectId)).find(({ rule_id }) => rule_id === row.rule_id);
  const definition = rule && definitionOf(rule);
  const timeline = await incidentEvents(state, id);
  const view = alertView(row, await readMuted(state, projectId, clock.now()));
  const about = {
    labels: view.labels,
    openedMs: Date.parse(row.opened_at),
    resolvedMs: row.resolved_at === null ? null : Date.parse(row.resolved_at),
  };
  return {
    ...view,
    summary: definition ? summaryOf(definition) : 'The rule was removed.',
    description: definition?.description ?? '',
    timeline: timeline.map(({ at, text }) => ({ at, text })),
    chart: definition ? await alertChart(deps, definition, about) : null,
  };
}

export function alertView(row: RuleAlertRow, muted: ReadonlyMap<string, string>): RuleAlert {
  const { recovering_since, no_data, stale, flapping, provisional, retracted } = JSON.parse(
    row.flags,
  ) as AlertFlags;
  return {
    id: row.alert_id,
    rule_id: row.rule_id,
    rule: row.rule_name,
    kind: row.kind as RuleAlert['kind'],
    severity: row.severity,
    labels: JSON.parse(row.labels) as Record<string, string>,
    title: row.title,
    state: row.state,
    recovering_since,
    no_data,
    stale,
    flapping,
    provisional: provisional ?? false,
    retracted: retracted ?? false,
    muted_by: muted.get(row.alert_id) ?? null,
    value: row.value,
    opened_at: row.opened_at,
    resolved_at: row.resolved_at,
    acknowledged_by: row.acknowledged_by,
    acknowledged_at: row.acknowledged_at,
    snoozed_until: row.snoozed_until,
  };
}
