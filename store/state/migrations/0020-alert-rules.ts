import { type Kysely, sql } from 'kysely';

/** Plain rules, the alerts they have, who is told of what, what is kept quiet, and what people said about alerts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE alert_rules (
    rule_id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, definition text NOT NULL,
    source text NOT NULL, created_at text NOT NULL, updated_at text NOT NULL)`,
  `CREATE UNIQUE INDEX alert_rules_by_name ON alert_rules (project_id, name)`,
  `CREATE TABLE alert_states (
    rule_id text NOT NULL, group_key text NOT NULL, alert_id text, state text NOT NULL, evaluated_at text NOT NULL,
    PRIMARY KEY (rule_id, group_key))`,
  `CREATE TABLE rule_alerts (
    alert_id text PRIMARY KEY, project_id text NOT NULL, rule_id text NOT NULL, dedup_key text NOT NULL,
    rule_name text NOT NULL, kind text NOT NULL, severity text NOT NULL, labels text NOT NULL, title text NOT NULL,
    state text NOT NULL, value double precision, flags text NOT NULL, transitions integer NOT NULL,
    opened_at text NOT NULL, resolved_at text, acknowledged_by text, acknowledged_at text, snoozed_until text)`,
  `CREATE INDEX rule_alerts_by_opened ON rule_alerts (project_id, opened_at)`,
  `CREATE TABLE alert_groups (
    group_id text PRIMARY KEY, project_id text NOT NULL, subject text NOT NULL, group_key text NOT NULL,
    labels text NOT NULL, members text NOT NULL, state text NOT NULL, opened_at text NOT NULL, closed_at text)`,
  `CREATE UNIQUE INDEX one_open_alert_group ON alert_groups (project_id, group_key) WHERE closed_at IS NULL`,
  `CREATE TABLE alert_silences (
    silence_id text PRIMARY KEY, project_id text NOT NULL, kind text NOT NULL, matchers text NOT NULL,
    starts_at text NOT NULL, ends_at text NOT NULL, comment text NOT NULL, created_by text NOT NULL,
    created_at text NOT NULL, ended_by text)`,
  `CREATE INDEX alert_silences_by_end ON alert_silences (project_id, ends_at)`,
  `CREATE TABLE alert_verdicts (
    alert_id text PRIMARY KEY, project_id text NOT NULL, rule_id text NOT NULL, verdict text NOT NULL,
    given_by text NOT NULL, given_at text NOT NULL, note text NOT NULL)`,
  `CREATE TABLE alert_notes (
    note_id text PRIMARY KEY, alert_id text NOT NULL, at text NOT NULL, written_by text NOT NULL, text text NOT NULL)`,
  `CREATE INDEX alert_notes_by_alert ON alert_notes (alert_id, at)`,
];
