import { type DetectorStateRow, writeDetectorStates } from '#store/state/detector-states.ts';
import { addIncident, addIncidentEvent, updateIncident } from '#store/state/incidents.ts';
import type { StateDb } from '#store/state/open.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import type { Incident, IncidentChange } from './incident.ts';
import { ownedColumns } from './incident-rows.ts';
import { advanceGroups } from './lifecycle/groups.ts';

/** Where a check stands, by job name in the progress table. */
export const jobs = {
  /** ISO time up to which buckets have been evaluated. */
  evaluatedUntil: 'alerts.evaluated_until',
  /** Counts checks that changed something: two processes cannot both write the next one. */
  check: 'alerts.check',
  /** JSON `{series, learning}`. */
  watching: 'alerts.watching',
  /** Microseconds since the epoch up to which stored rows have been rolled up. */
  rolledUp: 'alerts.rolled_up',
} as const;

/** Everything one check decided. */
export interface Outcome {
  projectId: string;
  /** Number of the check this one builds on. */
  basedOn: number;
  nowMs: number;
  evaluatedUntilMs: number;
  watching: { series: number; learning: number };
  states: DetectorStateRow[];
  /** Oldest first. */
  changes: IncidentChange[];
  /** Incidents whose numbers moved, also without a change. */
  incidents: { incident: Incident; calls: number }[];
  baseUrl: string;
}

/** Another process has written a check since this one read its state. Nothing was written; check again. */
export class OvertakenError extends Error {}

/**
 * Writes a check in one transaction: states, incidents, timeline and what is to be sent. Before it nothing has happened,
 * after it nothing can be lost; sending comes later and takes it from there.
 */
export async function commit(state: StateDb, outcome: Outcome): Promise<void> {
  await state.transaction().execute(async db => {
    const written = Number((await readProgress(db, jobs.check)) ?? 0);
    if (written !== outcome.basedOn) throw new OvertakenError('another process has checked meanwhile');
    await writeDetectorStates(db, outcome.states);
    await writeIncidents(db, outcome);
    await advanceGroups(db, outcome);
    await writeProgress(db, jobs.check, String(written + 1));
    await writeProgress(db, jobs.evaluatedUntil, iso(outcome.evaluatedUntilMs));
    await writeProgress(db, jobs.watching, JSON.stringify(outcome.watching));
  });
}

async function writeIncidents(db: StateDb, outcome: Outcome): Promise<void> {
  // Known ones first: a series may leave one incident and open the next in the same check.
  const unknown: { incident: Incident; calls: number }[] = [];
  for (const one of outcome.incidents) {
    const row = await updateIncident(db, one.incident.id, ownedColumns(one.incident, one.calls));
    if (!row) unknown.push(one);
  }
  for (const { incident, calls } of unknown) {
    const people = { acknowledged_by: null, acknowledged_at: null, snoozed_until: null };
    const columns = ownedColumns(incident, calls);
    await addIncident(db, { incident_id: incident.id, project_id: outcome.projectId, ...columns, ...people });
  }
  for (const { eventId, incident, atMs, kind, text } of outcome.changes) {
    await addIncidentEvent(db, { event_id: eventId, incident_id: incident.id, at: iso(atMs), kind, text });
  }
}

const iso = (ms: number) => new Date(ms).toISOString();
