import type { StateDb } from './open.ts';

/** Per incident, and per alert about Driftline itself, a text that changes whenever something a reader sees of it does, deliveries aside. */
export async function incidentMarks(db: StateDb): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('incidents')
    .select(['incident_id', 'state', 'transitions', 'acknowledged_at', 'snoozed_until'])
    .execute();
  const internal = await db.selectFrom('internal_alerts').select(['alert_id', 'state', 'severity']).execute();
  return new Map([
    ...rows.map(({ incident_id, ...seen }) => [incident_id, JSON.stringify(Object.values(seen))] as const),
    ...internal.map(({ alert_id, ...seen }) => [alert_id, JSON.stringify(Object.values(seen))] as const),
  ]);
}
