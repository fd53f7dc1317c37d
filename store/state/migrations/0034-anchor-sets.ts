import { type Kysely, sql } from 'kysely';

/** How often the anchors of a judge were frozen, where they come from, and which model gave the first scores. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of [
    'version integer NOT NULL DEFAULT 1',
    "source text NOT NULL DEFAULT ''",
    "judge text NOT NULL DEFAULT ''",
  ])
    await sql.raw(`ALTER TABLE judge_anchor_sets ADD COLUMN ${column}`).execute(db);
}
