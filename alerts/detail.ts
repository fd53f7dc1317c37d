import type { z } from 'zod';
import type {
  AlertDetail,
  AlertSummary,
  InternalAlert,
  listAlerts as listAlertsEndpoint,
} from '#contract/alert.ts';
import {
  addIncidentEvent,
  getIncident,
  type IncidentRow,
  incidentEvents,
  listIncidents,
  updateIncident,
} from '#store/state/incidents.ts';
import { type InternalAlertRow, listInternalAlerts } from '#store/state/internal-alerts.ts';
import { readProgress } from '#store/state/progress.ts';
import { chartSeries } from './chart-series.ts';
import { jobs } from './commit.ts';
import { deliveriesOf } from './deliveries.ts';
import type { AlertsDeps } from './deps.ts';
import { examplePairs } from './examples.ts';
import { evidenceOf, explanationOf, keptEvidence } from './explain.ts';
import { figuresOf } from './figures.ts';
import { changedBetween } from './finding.ts';
import { leadOf } from './incident.ts';
import { fromRow } from './incident-rows.ts';
import { readMuted } from './lifecycle/groups.ts';
import { queueAcknowledged } from './notify/acknowledged.ts';
import { completeUntilOf, provisionalOf } from './provisional.ts';
import { changesNear } from './where/changes-near.ts';
import { type Evidence, evidenceVersion } from './where/evidence.ts';
import { certainty, metricLabel, says, title } from './words.ts';

type ListRequest = z.output<(typeof listAlertsEndpoint)['request']>;
type ListReply = z.output<(typeof listAlertsEndpoint)['reply']>;

/** Incidents, firing first, newest first, and how much is watched. */
export async function listAlerts(deps: AlertsDeps, { state, limit }: ListRequest): Promise<ListReply> {
  const { projectId } = deps;
  const wanted = state === 'any' ? undefined : state;
  const [rows, internal, watching, until, muted] = await Promise.all([
    listIncidents(deps.state, { projectId, state: wanted, limit }),
    listInternalAlerts(deps.state, wanted, limit),
    readProgress(deps.state, jobs.watching),
    readProgress(deps.state, jobs.evaluatedUntil),
    readMuted(deps.state, projectId, deps.clock.now()),
  ]);
  const { series, learning } = JSON.parse(watching ?? '{"series":0,"learning":0}') as ListReply['watching'];
  const provisional = await provisionalOf(
    deps,
    rows.map(row => fromRow(row).incident),
  );
  return {
    alerts: rows.map(row => summaryOf(row, { muted, provisional })),
    internal: internal.map(internalOf),
    watching: { series, learning, evaluated_until: until },
  };
}

/** One incident with its evidence; null when there is none with this id. Answers only when `texts`. */
export async function alertDetail(
  deps: AlertsDeps,
  incidentId: string,
  { texts = true }: { texts?: boolean } = {},
): Promise<AlertDetail | null> {
  const row = await getIncident(deps.state, incidentId);
  if (!row || row.project_id !== deps.projectId) return null;
  const { incident } = fromRow(row);
  const lead = leadOf(incident);
  const evidence = await evidenceOf(deps, incidentId, lead);
  const explanation = evidence && explanationOf(evidence);
  const topCause = evidence?.statistics.where?.causes[0];
  const [series, complete_until, provisional, changes, pairs, timeline, deliveries, muted] =
    await Promise.all([
      chartSeries(deps, lead),
      completeUntilOf(deps, incident),
      provisionalOf(deps, [incident]),
      changesNear(deps, lead, explanation?.causes ?? []),
      examplePairs(deps, lead, topCause, texts),
      incidentEvents(deps.state, incidentId),
      deliveriesOf(deps.state, incidentId),
      readMuted(deps.state, deps.projectId, deps.clock.now()),
    ]);
  return {
    ...summaryOf(row, { muted, provisional }),
    certainty: certainty(lead),
    chance_of_noise: lead.chanceOfNoise,
    shift: figuresOf(lead).shift,
    series,
    complete_until,
    changes,
    explanation,
    explanation_is_late: evidence === null,
    pairs,
    timeline: timeline.map(({ at, kind, text }) => ({ at, kind, text })),
    deliveries,
    evidence: {
      log_evidence: lead.logEvidence,
      threshold: lead.threshold,
      baseline_from: iso(lead.baseline.fromMs),
      baseline_to: iso(lead.baseline.toMs),
      requests_before: lead.baseline.requests,
      requests_after: lead.requests,
    },
  };
}

/** What an incident's numbers were computed from, made now when there is none; null when there is no such incident. */
export async function incidentEvidence(deps: AlertsDeps, incidentId: string): Promise<Evidence | null> {
  const row = await getIncident(deps.state, incidentId);
  if (!row || row.project_id !== deps.projectId) return null;
  const kept = await keptEvidence(deps, incidentId);
  return kept?.version === evidenceVersion
    ? kept
    : evidenceOf(deps, incidentId, leadOf(fromRow(row).incident));
}

/** Takes an incident: repeats and escalation stop, the resolve notice still comes. Null when there is none. */
export function acknowledge(deps: AlertsDeps, incidentId: string, by: string): Promise<AlertSummary | null> {
  const at = iso(deps.clock.now());
  return change(deps, incidentId, {
    columns: { acknowledged_by: by, acknowledged_at: at },
    kind: 'acknowledged',
    text: says.acknowledged(by),
  });
}

/** Holds repeats and updates back for some hours; null when there is no such incident. */
export function snooze(deps: AlertsDeps, incidentId: string, hours: number): Promise<AlertSummary | null> {
  const untilMs = deps.clock.now() + hours * 3_600_000;
  return change(deps, incidentId, {
    columns: { snoozed_until: iso(untilMs) },
    kind: 'snoozed',
    text: says.snoozed(untilMs),
  });
}

async function change(
  deps: AlertsDeps,
  incidentId: string,
  what: {
    columns: Partial<Pick<IncidentRow, 'acknowledged_by' | 'acknowledged_at' | 'snoozed_until'>>;
    kind: string;
    text: string;
  },
): Promise<AlertSummary | null> {
  const at = iso(deps.clock.now());
  const changed = await deps.state.transaction().execute(async db => {
    const known = await getIncident(db, incidentId);
    if (!known || known.project_id !== deps.projectId) return null;
    const row = await updateIncident(db, incidentId, what.columns);
    const event_id = `${incidentId}.${what.kind}.${at}`;
    await addIncidentEvent(db, { event_id, incident_id: incidentId, at, kind: what.kind, text: what.text });
    const by = what.columns.acknowledged_by;
    if (by) await queueAcknowledged(db, { id: incidentId, by, at });
    return row && { row, muted: await readMuted(db, deps.projectId, deps.clock.now()) };
  });
  if (!changed) return null;
  const { row, muted } = changed;
  return summaryOf(row, { muted, provisional: await provisionalOf(deps, [fromRow(row).incident]) });
}

function summaryOf(
  row: IncidentRow,
  { muted, provisional }: { muted: ReadonlyMap<string, string>; provisional: ReadonlySet<string> },
): AlertSummary {
  const { incident, calls } = fromRow(row);
  const lead = leadOf(incident);
  const { before, after, unit } = figuresOf(lead);
  const between = changedBetween(lead);
  return {
    id: row.incident_id,
    // What got better, or is other traffic, is shown as settled: nothing is firing, and there was nothing to resolve.
    state: incident.state === 'firing' ? 'firing' : 'resolved',
    title: incident.state === 'mixed' ? `Traffic mix changed: ${title(lead)}` : title(lead),
    traffic_mix: incident.state === 'mixed',
    provisional: provisional.has(row.incident_id),
    retracted: lead.closedBecause === 'retracted' ? says.retracted(lead) : null,
    feature: row.feature,
    model: row.model,
    environment: row.environment,
    metric: row.metric,
    metric_label: metricLabel(row.metric),
    direction: lead.direction,
    before,
    after,
    unit,
    changed_at: row.changed_at,
    changed_between: between && { from: iso(between.fromMs), to: iso(between.toMs) },
    opened_at: row.opened_at,
    resolved_at: row.state === 'improved' || row.state === 'mixed' ? row.opened_at : row.resolved_at,
    acknowledged_by: row.acknowledged_by,
    acknowledged_at: row.acknowledged_at,
    snoozed_until: row.snoozed_until,
    muted_by: muted.get(row.incident_id) ?? null,
    calls,
  };
}

function internalOf(row: InternalAlertRow): InternalAlert {
  const { alert_id: id, state, severity, title, detail, since, opened_at, resolved_at } = row;
  return { id, state, severity, title, detail, since, opened_at, resolved_at };
}

const iso = (ms: number) => new Date(ms).toISOString();
