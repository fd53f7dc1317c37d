import { type Kysely, sql } from 'kysely';

/** Budgets, what was forecast for them and said about them, and what decisions have promised of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE TABLE budgets (
    budget_id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, kind text NOT NULL,
    filter text NOT NULL, amount_nanos text NOT NULL, period text, starts_on text, ends_on text,
    thresholds text NOT NULL, ceiling text, reserve_turn integer NOT NULL,
    created_at text NOT NULL, updated_at text NOT NULL)`,
  `CREATE TABLE budget_forecasts (
    budget_id text NOT NULL, period_from text NOT NULL, made_on text NOT NULL, made_at text NOT NULL,
    spent_nanos text NOT NULL, p10_nanos text NOT NULL, p50_nanos text NOT NULL, p90_nanos text NOT NULL,
    outcome_nanos text,
    PRIMARY KEY (budget_id, period_from, made_on))`,
  `CREATE TABLE budget_notices (
    budget_id text NOT NULL, period_from text NOT NULL, percent integer NOT NULL,
    period_to text NOT NULL, zone text NOT NULL, amount_nanos text NOT NULL, spent_nanos text NOT NULL,
    crossed_at text NOT NULL, announced_at text,
    PRIMARY KEY (budget_id, period_from, percent))`,
  `CREATE TABLE lease_reserves (
    reserve_id text PRIMARY KEY, budget_id text NOT NULL, holder text NOT NULL, amount_nanos text NOT NULL,
    taken_at text NOT NULL, covers_until text NOT NULL)`,
  `CREATE INDEX lease_reserves_by_budget ON lease_reserves (budget_id, covers_until)`,
  `CREATE TABLE lease_keys (
    slot text PRIMARY KEY, key_id text NOT NULL, private_key text NOT NULL, created_at text NOT NULL)`,
];
