import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { AcceptedLevelTable } from './schema.ts';

export type AcceptedLevelRow = Selectable<AcceptedLevelTable>;

/** Rows are only ever added. */
export async function addAcceptedLevel(db: StateDb, row: AcceptedLevelRow): Promise<void> {
  await db.insertInto('accepted_levels').values(row).execute();
}

/** Newest first. */
export async function listAcceptedLevels(
  db: StateDb,
  filter: { projectId: string; feature?: string | undefined; limit?: number },
): Promise<AcceptedLevelRow[]> {
  let query = db
    .selectFrom('accepted_levels')
    .selectAll()
    .where('project_id', '=', filter.projectId)
    .orderBy('accepted_at', 'desc')
    .orderBy('acceptance_id');
  if (filter.feature !== undefined) query = query.where('feature', '=', filter.feature);
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  return query.execute();
}
