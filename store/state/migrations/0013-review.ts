import { type Kysely, sql } from 'kysely';

/** Review queues, their items, what people said of them; exports of training data with what each line was made of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE review_queues (
    queue_id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, description text NOT NULL,
    conditions text NOT NULL, fields text NOT NULL, schema_version integer NOT NULL, rules text NOT NULL,
    second_opinions double precision NOT NULL, filled_at text, created_at text NOT NULL, updated_at text NOT NULL,
    UNIQUE (project_id, name))`,
  `CREATE TABLE review_items (
    item_id text PRIMARY KEY, queue_id text NOT NULL, trace_id text NOT NULL, span_id text NOT NULL,
    call_time text NOT NULL, feature text NOT NULL, model text NOT NULL, prompt text NOT NULL,
    reasons text NOT NULL, priority double precision NOT NULL, place double precision NOT NULL,
    inclusion_probability double precision, state text NOT NULL, opinions integer NOT NULL,
    opinions_wanted integer NOT NULL, assignee text NOT NULL, created_at text NOT NULL,
    UNIQUE (queue_id, trace_id, span_id))`,
  `CREATE INDEX review_items_in_order ON review_items (queue_id, state, priority, place)`,
  `CREATE TABLE review_opinions (
    item_id text NOT NULL, queue_id text NOT NULL, reviewer text NOT NULL, state text NOT NULL,
    held_until text NOT NULL, said text NOT NULL, schema_version integer NOT NULL, at text NOT NULL,
    PRIMARY KEY (item_id, reviewer))`,
  `CREATE INDEX review_opinions_of_queue ON review_opinions (queue_id, state)`,
  `CREATE TABLE training_exports (
    export_id text PRIMARY KEY, project_id text NOT NULL, created_at text NOT NULL, head text NOT NULL)`,
  `CREATE TABLE training_lines (
    export_id text NOT NULL, line integer NOT NULL, made_of text NOT NULL, PRIMARY KEY (export_id, line))`,
];
