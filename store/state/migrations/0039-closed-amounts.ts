import { type Kysely, sql } from 'kysely';

/** The amounts committed for a month as they were known when it was closed; null where it was closed before they were kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('ALTER TABLE closed_months ADD COLUMN amounts text').execute(db);
}
