import type { StateDb } from './open.ts';

/** Per incident a text that changes whenever something a reader sees of it does, deliveries aside. */
export async function incidentMarks(db: StateDb): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('incidents')
    .select(['incident_id', 'state', 'transitions', 'acknowledged_at', 'snoozed_until'])
    .execute();
  return new Map(rows.map(({ incident_id, ...seen }) => [incident_id, JSON.stringify(Object.values(seen))]));
}
