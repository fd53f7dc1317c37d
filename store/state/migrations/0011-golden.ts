import { type Kysely, sql } from 'kysely';

/** Golden sets with the versions of their cases, runs over them, and what each run answered. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE golden_sets (
    set_id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, description text NOT NULL,
    feature text NOT NULL, evaluators text NOT NULL, version integer NOT NULL, cases integer NOT NULL,
    created_at text NOT NULL, updated_at text NOT NULL, UNIQUE (project_id, name))`,
  `CREATE TABLE golden_versions (
    set_id text NOT NULL, version integer NOT NULL, created_at text NOT NULL, note text NOT NULL,
    added integer NOT NULL, changed integer NOT NULL, removed integer NOT NULL, cases integer NOT NULL,
    PRIMARY KEY (set_id, version))`,
  `CREATE TABLE golden_cases (
    set_id text NOT NULL, case_id text NOT NULL, from_version integer NOT NULL, to_version integer,
    position integer NOT NULL, source text NOT NULL, trace_id text NOT NULL, span_id text NOT NULL,
    tags text NOT NULL, words text NOT NULL, content text NOT NULL,
    PRIMARY KEY (set_id, case_id, from_version))`,
  `CREATE INDEX golden_cases_in_order ON golden_cases (set_id, position)`,
  `CREATE TABLE golden_runs (
    run_id text PRIMARY KEY, project_id text NOT NULL, set_id text NOT NULL, version integer NOT NULL,
    name text NOT NULL, model text NOT NULL, prompt text NOT NULL, release text NOT NULL,
    evaluators text NOT NULL, created_at text NOT NULL, updated_at text, summary text NOT NULL)`,
  `CREATE INDEX golden_runs_of_set ON golden_runs (set_id, created_at)`,
  `CREATE TABLE golden_results (
    run_id text NOT NULL, case_id text NOT NULL, revision integer NOT NULL, at text NOT NULL,
    output text, error text NOT NULL, context text, latency_ms double precision, input_tokens bigint,
    output_tokens bigint, cost_nanos text, trace_id text NOT NULL, span_id text NOT NULL, scores text NOT NULL,
    PRIMARY KEY (run_id, case_id))`,
];
