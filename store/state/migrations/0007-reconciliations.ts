import { type Kysely, sql } from 'kysely';

/** Comparisons with providers' files; `head` is what a list shows, `result` all of it, both JSON. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `CREATE TABLE reconciliations (
        reconciliation_id text PRIMARY KEY, project_id text NOT NULL, created_at text NOT NULL,
        head text NOT NULL, result text NOT NULL)`,
    )
    .execute(db);
}
