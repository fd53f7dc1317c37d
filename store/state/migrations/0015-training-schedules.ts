import { type Kysely, sql } from 'kysely';

/** Exports of training data that are made by schedule, and each time one was to be made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE training_schedules (
    schedule_id text PRIMARY KEY, project_id text NOT NULL, said text NOT NULL, secret text NOT NULL,
    enabled_since text, created_at text NOT NULL, updated_at text NOT NULL)`,
  `CREATE TABLE training_runs (
    run_id text PRIMARY KEY, schedule_id text NOT NULL, period text NOT NULL, from_at text NOT NULL, to_at text NOT NULL,
    asked text NOT NULL, queued_at text NOT NULL, made_at text, event text, failing_cases integer,
    attempts integer NOT NULL, next_attempt_at text, leased_until text, done_at text, failed_at text, error text)`,
  // However many processes look at the clock, a period is exported once.
  `CREATE UNIQUE INDEX one_training_run_per_period ON training_runs (schedule_id, period) WHERE asked = 'schedule'`,
  `CREATE INDEX training_runs_by_schedule ON training_runs (schedule_id, queued_at)`,
  `CREATE INDEX training_runs_waiting ON training_runs (next_attempt_at) WHERE done_at IS NULL AND failed_at IS NULL`,
];
