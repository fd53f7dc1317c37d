import type { StateDb } from './open.ts';

/** Keeps an incident's evidence (JSON) in place of what was there. */
export async function writeIncidentEvidence(
  db: StateDb,
  row: { incident_id: string; made_at: string; evidence: string },
): Promise<void> {
  const { made_at, evidence } = row;
  await db
    .insertInto('incident_evidence')
    .values(row)
    .onConflict(conflict => conflict.column('incident_id').doUpdateSet({ made_at, evidence }))
    .execute();
}

/** JSON of the newest evidence; null when none was kept. */
export async function readIncidentEvidence(
  db: StateDb,
  incidentId: string,
): Promise<{ made_at: string; evidence: string } | null> {
  const row = await db
    .selectFrom('incident_evidence')
    .select(['made_at', 'evidence'])
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  return row ?? null;
}
