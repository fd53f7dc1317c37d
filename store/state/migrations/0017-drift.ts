import { type Kysely, sql } from 'kysely';

/** Levels that people or deploys have made the new normal, and every value a feature has ever shown. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE accepted_levels (
    acceptance_id text PRIMARY KEY, project_id text NOT NULL, kind text NOT NULL, feature text NOT NULL,
    model text, environment text, metric text, from_at text NOT NULL, accepted_by text NOT NULL, accepted_at text NOT NULL,
    note text NOT NULL)`,
  `CREATE INDEX accepted_levels_by_time ON accepted_levels (project_id, accepted_at)`,
  `CREATE TABLE known_values (
    project_id text NOT NULL, feature text NOT NULL, environment text NOT NULL, kind text NOT NULL, value text NOT NULL,
    first_at text NOT NULL, third_at text, is_news integer NOT NULL,
    PRIMARY KEY (project_id, feature, environment, kind, value))`,
  `CREATE INDEX known_values_news ON known_values (project_id, is_news, third_at)`,
];
