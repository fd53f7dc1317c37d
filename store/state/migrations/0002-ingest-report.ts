import { type Kysely, sql } from 'kysely';

/** What a collector says about itself besides its counters, and the alerts that are made of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `ALTER TABLE ingest_status ADD COLUMN report text NOT NULL DEFAULT '{}'`,
  `CREATE TABLE internal_alerts (
    alert_id text PRIMARY KEY, collector_id text NOT NULL, problem_id text NOT NULL,
    severity text NOT NULL, title text NOT NULL, detail text NOT NULL, state text NOT NULL,
    since text NOT NULL, opened_at text NOT NULL, gone_since text, resolved_at text)`,
  // Two processes that look at once cannot both open an alert for one problem.
  `CREATE UNIQUE INDEX one_firing_internal_alert
    ON internal_alerts (collector_id, problem_id) WHERE state = 'firing'`,
  `CREATE INDEX internal_alerts_by_opened ON internal_alerts (opened_at)`,
];
