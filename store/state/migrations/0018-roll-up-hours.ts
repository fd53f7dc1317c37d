import { type Kysely, sql } from 'kysely';

/** The hours of what was rolled up before there were any: everything is rolled up once more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`DELETE FROM progress WHERE job = 'alerts.rolled_up'`).execute(db);
}
