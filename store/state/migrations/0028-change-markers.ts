import { type Kysely, sql } from 'kysely';

/** What people and pipelines say they changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE change_markers (
    project_id text NOT NULL, marker_id text NOT NULL, kind text NOT NULL, title text NOT NULL, at text NOT NULL,
    feature text, environment text, set_by text NOT NULL, url text,
    PRIMARY KEY (project_id, marker_id))`,
  `CREATE INDEX change_markers_by_time ON change_markers (project_id, at)`,
];
