import { type Kysely, PostgresAdapter, sql } from 'kysely';

/** Names of channels, why one was switched off, every attempt to send, and what a channel keeps about an incident. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  for (const statement of [...columns, attempts(postgres), ...rest]) await sql.raw(statement).execute(db);
}

const columns = [
  `ALTER TABLE channels ADD COLUMN name text NOT NULL DEFAULT ''`,
  `ALTER TABLE channels ADD COLUMN disabled_reason text`,
  // Attempts made before somebody asked for the message again: the schedule starts anew from there.
  `ALTER TABLE outbox ADD COLUMN attempts_before integer NOT NULL DEFAULT 0`,
];

const attempts = (postgres: boolean) => `CREATE TABLE outbox_attempts (
    attempt_id ${postgres ? 'serial PRIMARY KEY' : 'integer PRIMARY KEY AUTOINCREMENT'},
    outbox_id integer NOT NULL, number integer NOT NULL, at text NOT NULL, ended_at text,
    outcome text, status integer, answer text, error text, next_attempt_at text)`;

const rest = [
  `CREATE UNIQUE INDEX outbox_attempts_by_number ON outbox_attempts (outbox_id, number)`,
  `CREATE INDEX outbox_by_channel ON outbox (channel_id, outbox_id)`,
  `CREATE TABLE channel_memory (
    channel_id text NOT NULL, incident_id text NOT NULL, memory text NOT NULL,
    PRIMARY KEY (channel_id, incident_id))`,
];
