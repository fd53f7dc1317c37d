import { type Kysely, sql } from 'kysely';

/** Files and statements that are sent by schedule, and each time one was to be sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE deliveries (
    delivery_id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, schedule text NOT NULL,
    hour integer NOT NULL, content text NOT NULL, target text NOT NULL, secret text NOT NULL, created_at text NOT NULL)`,
  `CREATE TABLE delivery_runs (
    run_id text PRIMARY KEY, delivery_id text NOT NULL, period text NOT NULL, from_at text NOT NULL, to_at text NOT NULL,
    zone text NOT NULL, asked text NOT NULL, queued_at text NOT NULL, attempts integer NOT NULL, next_attempt_at text,
    leased_until text, delivered_at text, failed_at text, error text, file text)`,
  // However many processes look at the clock, a period is sent once.
  `CREATE UNIQUE INDEX one_scheduled_run_per_period ON delivery_runs (delivery_id, period) WHERE asked = 'schedule'`,
  `CREATE INDEX delivery_runs_by_delivery ON delivery_runs (delivery_id, queued_at)`,
  `CREATE INDEX delivery_runs_waiting ON delivery_runs (next_attempt_at) WHERE delivered_at IS NULL AND failed_at IS NULL`,
];
