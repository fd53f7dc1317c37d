import { type Kysely, sql } from 'kysely';

/** What is remembered of series that page nobody by themselves, and what was found in them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE quiet_series (
    project_id text NOT NULL, series_id text NOT NULL, kind text NOT NULL, feature text NOT NULL, environment text NOT NULL,
    metric text NOT NULL, cohort_by text NOT NULL, cohort text NOT NULL, evaluated_until text NOT NULL, state text NOT NULL,
    points text NOT NULL, PRIMARY KEY (project_id, series_id))`,
  `CREATE TABLE quiet_findings (
    finding_id text PRIMARY KEY, project_id text NOT NULL, series_id text NOT NULL, kind text NOT NULL, feature text NOT NULL,
    environment text NOT NULL, metric text NOT NULL, cohort_by text NOT NULL, cohort text NOT NULL, changed_at text NOT NULL,
    opened_at text NOT NULL, closed_at text, direction text NOT NULL, figures text NOT NULL, notified_at text)`,
  `CREATE INDEX quiet_findings_by_time ON quiet_findings (project_id, opened_at)`,
];
