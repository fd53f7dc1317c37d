import { type Kysely, sql } from 'kysely';

/**
 * LLM judges: where they are asked and what they spent by day of UTC, frozen anchors with every score they got, and the changes of
 * a judge that were found. `spent_nanos` is a whole number of nano-dollars below 2^53.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `CREATE TABLE judge_settings (
      project_id text PRIMARY KEY, settings text NOT NULL, api_key text NOT NULL, updated_at text NOT NULL)`,
    `CREATE TABLE judge_spend (
      project_id text NOT NULL, day text NOT NULL, spent_nanos double precision NOT NULL, calls integer NOT NULL,
      input_tokens integer NOT NULL, output_tokens integer NOT NULL, unpriced_calls integer NOT NULL,
      failed_calls integer NOT NULL, PRIMARY KEY (project_id, day))`,
    `CREATE TABLE judge_anchor_sets (
      project_id text NOT NULL, score text NOT NULL, evaluator text NOT NULL, frozen_at text NOT NULL,
      first_scores integer NOT NULL, anchors text NOT NULL, checked_until text NOT NULL, next_run text NOT NULL,
      PRIMARY KEY (project_id, score))`,
    `CREATE TABLE judge_anchor_runs (
      project_id text NOT NULL, score text NOT NULL, run_at text NOT NULL, results text NOT NULL,
      PRIMARY KEY (project_id, score, run_at))`,
    `CREATE TABLE judge_changes (
      change_id text PRIMARY KEY, project_id text NOT NULL, score text NOT NULL, after_at text NOT NULL, by_at text NOT NULL,
      found_at text NOT NULL, difference double precision NOT NULL, low double precision NOT NULL,
      high double precision NOT NULL, ended_at text)`,
    `CREATE INDEX judge_changes_by_score ON judge_changes (project_id, score, found_at)`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
