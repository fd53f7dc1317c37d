import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { QuietFindingTable, QuietSeriesTable } from './schema.ts';

export type QuietSeriesRow = Selectable<QuietSeriesTable>;
export type QuietFindingRow = Selectable<QuietFindingTable>;

export async function readQuietSeries(
  db: StateDb,
  { projectId, kind }: { projectId: string; kind?: string | undefined },
): Promise<QuietSeriesRow[]> {
  let query = db.selectFrom('quiet_series').selectAll().where('project_id', '=', projectId);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  return query.orderBy('feature').orderBy('environment').orderBy('metric').orderBy('cohort').execute();
}

export async function writeQuietSeries(db: StateDb, rows: readonly QuietSeriesRow[]): Promise<void> {
  for (const row of rows) {
    await db
      .insertInto('quiet_series')
      .values(row)
      .onConflict(conflict => conflict.columns(['project_id', 'series_id']).doUpdateSet(row))
      .execute();
  }
}

/** Forgets series; what was found in them ended at `at`. */
export async function dropQuietSeries(
  db: StateDb,
  { projectId, ids, at }: { projectId: string; ids: readonly string[]; at: string },
): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom('quiet_series')
    .where('project_id', '=', projectId)
    .where('series_id', 'in', ids)
    .execute();
  await db
    .updateTable('quiet_findings')
    .set({ closed_at: at })
    .where('project_id', '=', projectId)
    .where('series_id', 'in', ids)
    .where('closed_at', 'is', null)
    .execute();
}

/** Adds findings, or brings known ones up to date. */
export async function writeQuietFindings(db: StateDb, rows: readonly QuietFindingRow[]): Promise<void> {
  for (const { notified_at: _, ...row } of rows) {
    await db
      .insertInto('quiet_findings')
      .values({ ...row, notified_at: null })
      .onConflict(conflict => conflict.column('finding_id').doUpdateSet(row))
      .execute();
  }
}

/** Open ones, and those that ended since `closedFrom`; newest first. */
export async function listQuietFindings(
  db: StateDb,
  { projectId, kind, closedFrom }: { projectId: string; kind?: string | undefined; closedFrom: string },
): Promise<QuietFindingRow[]> {
  let query = db
    .selectFrom('quiet_findings')
    .selectAll()
    .where('project_id', '=', projectId)
    .where(eb => eb.or([eb('closed_at', 'is', null), eb('closed_at', '>=', closedFrom)]));
  if (kind !== undefined) query = query.where('kind', '=', kind);
  return query.orderBy('opened_at', 'desc').orderBy('metric').orderBy('finding_id').execute();
}

/** Those of the findings that somebody has been told of. */
export async function readNotified(db: StateDb, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom('quiet_findings')
    .select('finding_id')
    .where('finding_id', 'in', [...ids])
    .where('notified_at', 'is not', null)
    .execute();
  return new Set(rows.map(({ finding_id }) => finding_id));
}

/** False when somebody has been told of it already. */
export async function markQuietNotified(db: StateDb, findingId: string, at: string): Promise<boolean> {
  const result = await db
    .updateTable('quiet_findings')
    .set({ notified_at: at })
    .where('finding_id', '=', findingId)
    .where('notified_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
