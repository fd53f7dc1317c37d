import { type Kysely, sql } from 'kysely';

/** What tools an answer to a golden case asked for, and which it could have asked for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'ALTER TABLE golden_results ADD COLUMN tool_calls text',
  'ALTER TABLE golden_results ADD COLUMN tools text',
];
