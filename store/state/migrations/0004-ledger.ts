import { type Kysely, sql } from 'kysely';

/** Who does a job that only one process may do, the months that are closed, and the repricings. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'CREATE TABLE job_leases (name text PRIMARY KEY, holder text NOT NULL, held_until text NOT NULL)',
  `CREATE TABLE closed_months (
    project_id text NOT NULL, month text NOT NULL, zone text NOT NULL,
    from_at text NOT NULL, to_at text NOT NULL, state text NOT NULL,
    closed_at text NOT NULL, closed_by text NOT NULL, files text NOT NULL,
    PRIMARY KEY (project_id, month))`,
  `CREATE TABLE postings (
    posting_id text PRIMARY KEY, project_id text NOT NULL, state text NOT NULL, spec text NOT NULL,
    created_at text NOT NULL, posted_at text, price_revision text NOT NULL,
    progress double precision NOT NULL, result text NOT NULL, error text)`,
  'CREATE INDEX postings_by_created ON postings (project_id, created_at)',
];
