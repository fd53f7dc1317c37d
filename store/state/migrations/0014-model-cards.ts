import { type Kysely, sql } from 'kysely';

/** What people write on the card of a feature; every version is kept, the highest is in force. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `CREATE TABLE model_card_texts (
        project_id text NOT NULL, feature text NOT NULL, kind text NOT NULL, version integer NOT NULL,
        text text NOT NULL, author text NOT NULL, written_at text NOT NULL,
        PRIMARY KEY (project_id, feature, kind, version))`,
    )
    .execute(db);
}
