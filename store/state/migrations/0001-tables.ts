import { type Kysely, PostgresAdapter, sql } from 'kysely';

/** The tables of `schema.ts`, in SQL that SQLite and PostgreSQL share. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...tables, outbox(db)]) await sql.raw(statement).execute(db);
  for (const statement of indexes) await sql.raw(statement).execute(db);
}

const tables = [
  `CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL)`,
  `CREATE TABLE prices (
    price_id text PRIMARY KEY, provider text NOT NULL, model text NOT NULL,
    valid_from text NOT NULL, valid_to text, known_from text NOT NULL, source text NOT NULL, book text NOT NULL)`,
  `CREATE TABLE channels (
    channel_id text PRIMARY KEY, kind text NOT NULL, settings text NOT NULL, secret text NOT NULL,
    enabled integer NOT NULL, created_at text NOT NULL)`,
  `CREATE TABLE incidents (
    incident_id text PRIMARY KEY, project_id text NOT NULL,
    feature text NOT NULL, model text NOT NULL, environment text NOT NULL, metric text NOT NULL,
    direction text NOT NULL, state text NOT NULL,
    changed_at text NOT NULL, opened_at text NOT NULL, resolved_at text,
    acknowledged_by text, acknowledged_at text, snoozed_until text,
    transitions integer NOT NULL, evidence text NOT NULL)`,
  `CREATE TABLE incident_events (
    event_id text PRIMARY KEY, incident_id text NOT NULL, at text NOT NULL, kind text NOT NULL, text text NOT NULL)`,
  `CREATE TABLE detector_states (
    project_id text NOT NULL, feature text NOT NULL, model text NOT NULL, environment text NOT NULL,
    metric text NOT NULL, evaluated_until text NOT NULL, state text NOT NULL,
    PRIMARY KEY (project_id, feature, model, environment, metric))`,
  `CREATE TABLE progress (job text PRIMARY KEY, position text NOT NULL)`,
  `CREATE TABLE ingest_status (
    collector_id text PRIMARY KEY, at text NOT NULL,
    acked bigint NOT NULL, stored bigint NOT NULL, waiting bigint NOT NULL,
    rejected text NOT NULL, last_received_at text)`,
];

/** A row number that only grows is the one thing the two databases write differently. */
function outbox(db: Kysely<unknown>): string {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
  return `CREATE TABLE outbox (
    outbox_id ${postgres ? 'serial PRIMARY KEY' : 'integer PRIMARY KEY AUTOINCREMENT'},
    event_id text NOT NULL, incident_id text NOT NULL, channel_id text NOT NULL,
    event text NOT NULL, payload text NOT NULL, created_at text NOT NULL,
    attempts integer NOT NULL, next_attempt_at text, last_attempt_at text, leased_until text,
    delivered_at text, failed_at text, error text)`;
}

const indexes = [
  // Two evaluators cannot both open an incident for one series, whatever they think they know.
  `CREATE UNIQUE INDEX one_firing_incident_per_series
    ON incidents (project_id, feature, model, environment, metric) WHERE state = 'firing'`,
  `CREATE INDEX incidents_by_opened ON incidents (project_id, opened_at)`,
  `CREATE INDEX incident_events_by_incident ON incident_events (incident_id, at)`,
  // The same event for the same channel is one message, however often it is queued.
  `CREATE UNIQUE INDEX outbox_by_event ON outbox (event_id, channel_id)`,
  `CREATE INDEX outbox_by_incident ON outbox (incident_id, outbox_id)`,
  `CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE delivered_at IS NULL AND failed_at IS NULL`,
  `CREATE INDEX prices_by_model ON prices (provider, model, valid_from)`,
];
