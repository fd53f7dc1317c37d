import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { ChangeMarkerTable } from './schema.ts';

export type ChangeMarkerRow = Selectable<ChangeMarkerTable>;

/** Writes a marker; one with the same id is replaced. */
export async function putChangeMarker(db: StateDb, row: ChangeMarkerRow): Promise<void> {
  const { project_id, marker_id, ...rest } = row;
  await db
    .insertInto('change_markers')
    .values(row)
    .onConflict(conflict => conflict.columns(['project_id', 'marker_id']).doUpdateSet(rest))
    .execute();
}

/** Newest first; `feature` and `environment` also give those that concern everything. Times in ISO 8601, `to` excluded. */
export async function listChangeMarkers(
  db: StateDb,
  filter: {
    projectId: string;
    feature?: string | undefined;
    environment?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
    limit: number;
  },
): Promise<ChangeMarkerRow[]> {
  const { feature, environment, from, to } = filter;
  let query = db
    .selectFrom('change_markers')
    .selectAll()
    .where('project_id', '=', filter.projectId)
    .orderBy('at', 'desc')
    .orderBy('marker_id')
    .limit(filter.limit);
  if (feature !== undefined)
    query = query.where(eb => eb.or([eb('feature', 'is', null), eb('feature', '=', feature)]));
  if (environment !== undefined)
    query = query.where(eb => eb.or([eb('environment', 'is', null), eb('environment', '=', environment)]));
  if (from !== undefined) query = query.where('at', '>=', from);
  if (to !== undefined) query = query.where('at', '<', to);
  return query.execute();
}
