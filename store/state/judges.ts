import { type Selectable, sql } from 'kysely';
import type { StateDb } from './open.ts';
import type {
  JudgeAnchorRunTable,
  JudgeAnchorSetTable,
  JudgeChangeTable,
  JudgeSettingsTable,
  JudgeSpendTable,
} from './schema.ts';

export type JudgeSpendRow = Selectable<JudgeSpendTable>;
export type AnchorSetRow = Selectable<JudgeAnchorSetTable>;
export type AnchorRunRow = Selectable<JudgeAnchorRunTable>;
export type JudgeChangeRow = Selectable<JudgeChangeTable>;

/** Null when nobody set anything. */
export async function readJudgeSettings(db: StateDb, projectId: string): Promise<JudgeSettingsTable | null> {
  const row = await db
    .selectFrom('judge_settings')
    .selectAll()
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row ?? null;
}

export async function writeJudgeSettings(db: StateDb, row: JudgeSettingsTable): Promise<void> {
  const { project_id: _, ...change } = row;
  await db
    .insertInto('judge_settings')
    .values(row)
    .onConflict(conflict => conflict.column('project_id').doUpdateSet(change))
    .execute();
}

/** All zero on a day without calls. */
export async function readJudgeSpend(db: StateDb, projectId: string, day: string): Promise<JudgeSpendRow> {
  const row = await db
    .selectFrom('judge_spend')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('day', '=', day)
    .executeTakeFirst();
  const none = {
    spent_nanos: 0,
    calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    unpriced_calls: 0,
    failed_calls: 0,
  };
  return row ?? { project_id: projectId, day, ...none };
}

/** Adds to the day what one or more calls used. */
export async function addJudgeSpend(db: StateDb, row: JudgeSpendRow): Promise<void> {
  const columns = [
    'spent_nanos',
    'calls',
    'input_tokens',
    'output_tokens',
    'unpriced_calls',
    'failed_calls',
  ] as const;
  const sums = Object.fromEntries(
    columns.map(column => [column, sql<number>`${sql.ref(`judge_spend.${column}`)} + ${row[column]}`]),
  );
  await db
    .insertInto('judge_spend')
    .values(row)
    .onConflict(conflict => conflict.columns(['project_id', 'day']).doUpdateSet(sums))
    .execute();
}

export async function listAnchorSets(db: StateDb, projectId: string): Promise<AnchorSetRow[]> {
  return db
    .selectFrom('judge_anchor_sets')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('score')
    .execute();
}

/** Replaces the anchors of a score with what is known of them, and ends its change if one lasts. Returns them with their version. */
export async function freezeAnchorSet(
  db: StateDb,
  said: Omit<AnchorSetRow, 'version'>,
): Promise<AnchorSetRow> {
  return db.transaction().execute(async trx => {
    const before = await trx
      .selectFrom('judge_anchor_sets')
      .select('version')
      .where('project_id', '=', said.project_id)
      .where('score', '=', said.score)
      .executeTakeFirst();
    const row = { ...said, version: (before?.version ?? 0) + 1 };
    await forget(trx, row);
    await trx.insertInto('judge_anchor_sets').values(row).execute();
    await endChange(trx, row, row.frozen_at);
    return row;
  });
}

/** Forgets the anchors of a score, and ends its change if one lasts: nothing could end it any more. */
export async function removeAnchorSet(
  db: StateDb,
  of: Pick<AnchorSetRow, 'project_id' | 'score'>,
  at: string,
): Promise<void> {
  await db.transaction().execute(async trx => {
    await forget(trx, of);
    await endChange(trx, of, at);
  });
}

type OfScore = Pick<AnchorSetRow, 'project_id' | 'score'>;

async function forget(trx: StateDb, of: OfScore): Promise<void> {
  for (const table of ['judge_anchor_sets', 'judge_anchor_runs'] as const) {
    await trx
      .deleteFrom(table)
      .where('project_id', '=', of.project_id)
      .where('score', '=', of.score)
      .execute();
  }
}

async function endChange(trx: StateDb, of: OfScore, at: string): Promise<void> {
  await trx
    .updateTable('judge_changes')
    .set({ ended_at: at })
    .where('project_id', '=', of.project_id)
    .where('score', '=', of.score)
    .where('ended_at', 'is', null)
    .execute();
}
/** Oldest first; the newest `limit`. */
export async function readAnchorRuns(
  db: StateDb,
  { projectId, score, limit }: { projectId: string; score: string; limit: number },
): Promise<AnchorRunRow[]> {
  const rows = await db
    .selectFrom('judge_anchor_runs')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('score', '=', score)
    .orderBy('run_at', 'desc')
    .limit(limit)
    .execute();
  return rows.reverse();
}

/** Keeps a run, what it means for how far the judge is trusted, and the change it showed, in one transaction. */
export async function addAnchorRun(
  db: StateDb,
  run: AnchorRunRow,
  set: Pick<AnchorSetRow, 'checked_until' | 'next_run'>,
  change: JudgeChangeRow | null,
): Promise<void> {
  await db.transaction().execute(async trx => {
    await trx.insertInto('judge_anchor_runs').values(run).execute();
    await trx
      .updateTable('judge_anchor_sets')
      .set(set)
      .where('project_id', '=', run.project_id)
      .where('score', '=', run.score)
      .execute();
    if (change) await trx.insertInto('judge_changes').values(change).execute();
  });
}

/** Anchors of every judge are due at once, as when the judge was pointed elsewhere. */
export async function makeAnchorsDue(db: StateDb, projectId: string, at: string): Promise<void> {
  await db
    .updateTable('judge_anchor_sets')
    .set({ next_run: at })
    .where('project_id', '=', projectId)
    .execute();
}

/** Changes of judges, oldest first; of one score when it is named. */
export async function listJudgeChanges(
  db: StateDb,
  projectId: string,
  score?: string,
): Promise<JudgeChangeRow[]> {
  let query = db
    .selectFrom('judge_changes')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('found_at');
  if (score !== undefined) query = query.where('score', '=', score);
  return query.execute();
}

/** The change of the judge behind a score that lasts; null when it is as it was, or nobody watches it. */
export async function judgeChangedSince(
  db: StateDb,
  projectId: string,
  score: string,
): Promise<JudgeChangeRow | null> {
  const changes = await listJudgeChanges(db, projectId, score);
  return changes.find(({ ended_at }) => ended_at === null) ?? null;
}

/** Changes of judges of all projects that nobody has accepted yet, oldest first. */
export async function lastingJudgeChanges(db: StateDb): Promise<JudgeChangeRow[]> {
  return db
    .selectFrom('judge_changes')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('found_at')
    .execute();
}
