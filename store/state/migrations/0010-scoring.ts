import { type Kysely, sql } from 'kysely';

/** Which evaluators score what arrives, and how many calls their samples expected. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `CREATE TABLE scoring_rules (
        project_id text NOT NULL, evaluator text NOT NULL, feature text NOT NULL, enabled integer NOT NULL,
        settings text NOT NULL, sampling text NOT NULL, updated_at text NOT NULL,
        PRIMARY KEY (project_id, evaluator, feature))`,
    )
    .execute(db);
  await sql
    .raw(
      `CREATE TABLE scoring_plans (
        project_id text NOT NULL, strata text NOT NULL, hour text NOT NULL, plan text NOT NULL,
        PRIMARY KEY (project_id, strata, hour))`,
    )
    .execute(db);
}
