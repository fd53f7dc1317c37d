import { type Kysely, sql } from 'kysely';

/** What an incident's numbers were computed from; replaced while the incident goes on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `CREATE TABLE incident_evidence (
        incident_id text PRIMARY KEY, made_at text NOT NULL, evidence text NOT NULL)`,
    )
    .execute(db);
}
