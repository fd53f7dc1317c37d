import type { IncidentRow } from '#store/state/incidents.ts';
import type { Finding } from './finding.ts';
import { type Incident, type IncidentState, leadOf } from './incident.ts';

/** What an incident's `evidence` column holds. */
interface Evidence {
  version: 1;
  findings: Finding[];
  /** Calls of the lead's series since the change. */
  calls: number;
  provisional?: boolean;
}

/** An incident as stored, with what people did to it. */
export interface StoredIncident {
  incident: Incident;
  calls: number;
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  snoozedUntil: string | null;
}

/** The columns the check owns; acknowledging and snoozing are left alone. */
export type OwnedColumns = Omit<
  IncidentRow,
  'incident_id' | 'project_id' | 'acknowledged_by' | 'acknowledged_at' | 'snoozed_until'
>;

export function ownedColumns(incident: Incident, calls: number): OwnedColumns {
  const lead = leadOf(incident);
  const { findings, provisional = false } = incident;
  const evidence: Evidence = { version: 1, findings, calls, ...(provisional && { provisional }) };
  return {
    feature: incident.feature,
    environment: incident.environment,
    model: lead.model,
    metric: lead.metric,
    direction: lead.direction,
    state: incident.state,
    changed_at: iso(lead.changedAtMs),
    opened_at: iso(incident.openedAtMs),
    resolved_at: incident.resolvedAtMs === null ? null : iso(incident.resolvedAtMs),
    transitions: incident.transitions,
    evidence: JSON.stringify(evidence),
  };
}

export function fromRow(row: IncidentRow): StoredIncident {
  const { findings, calls, provisional = false } = JSON.parse(row.evidence) as Evidence;
  return {
    incident: {
      id: row.incident_id,
      feature: row.feature,
      environment: row.environment,
      state: row.state as IncidentState,
      openedAtMs: Date.parse(row.opened_at),
      resolvedAtMs: row.resolved_at === null ? null : Date.parse(row.resolved_at),
      transitions: row.transitions,
      findings,
      ...(provisional && { provisional }),
    },
    calls,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at,
    snoozedUntil: row.snoozed_until,
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
