import type { Selectable, Updateable } from 'kysely';
import type { StateDb } from './open.ts';
import type { IncidentEventTable, IncidentTable } from './schema.ts';

export type IncidentRow = Selectable<IncidentTable>;
export type IncidentEventRow = Selectable<IncidentEventTable>;

/** Fails on a second firing incident of one series (unique index `one_firing_incident_per_series`). */
export async function addIncident(db: StateDb, row: IncidentRow): Promise<void> {
  await db.insertInto('incidents').values(row).execute();
}

export async function getIncident(db: StateDb, incidentId: string): Promise<IncidentRow | null> {
  const row = await db
    .selectFrom('incidents')
    .selectAll()
    .where('incident_id', '=', incidentId)
    .executeTakeFirst();
  return row ?? null;
}

/** Firing first, then newest first. */
export async function listIncidents(
  db: StateDb,
  filter: {
    projectId: string;
    state?: 'firing' | 'resolved' | undefined;
    openedFrom?: string | undefined;
    limit: number;
  },
): Promise<IncidentRow[]> {
  let query = db
    .selectFrom('incidents')
    .selectAll()
    .where('project_id', '=', filter.projectId)
    .orderBy(eb => eb.case().when('state', '=', 'firing').then(0).else(1).end())
    .orderBy('opened_at', 'desc')
    .orderBy('incident_id')
    .limit(filter.limit);
  if (filter.state) query = query.where('state', '=', filter.state);
  if (filter.openedFrom) query = query.where('opened_at', '>=', filter.openedFrom);
  return query.execute();
}

/** Incidents opened since then that somebody was told of: what got better, or was other traffic, also when it is over, was not. */
export async function listPaged(
  db: StateDb,
  projectId: string,
  openedFrom: string,
): Promise<Pick<IncidentRow, 'incident_id' | 'metric' | 'opened_at' | 'state'>[]> {
  return db
    .selectFrom('incidents')
    .select(['incident_id', 'metric', 'opened_at', 'state'])
    .where('project_id', '=', projectId)
    .where('opened_at', '>=', openedFrom)
    .where('incident_id', 'in', told =>
      told.selectFrom('incident_events').select('incident_id').where('kind', '=', 'fired'),
    )
    .execute();
}

/** Firing incidents by feature. */
export async function countFiring(db: StateDb, projectId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('incidents')
    .select(eb => ['feature', eb.fn.countAll<number>().as('n')])
    .where('project_id', '=', projectId)
    .where('state', '=', 'firing')
    .groupBy('feature')
    .execute();
  return new Map(rows.map(row => [row.feature, Number(row.n)]));
}

/** Changes the given columns; the row after the change, or null when there is no such incident. */
export async function updateIncident(
  db: StateDb,
  incidentId: string,
  change: Omit<Updateable<IncidentTable>, 'incident_id'>,
): Promise<IncidentRow | null> {
  const row = await db
    .updateTable('incidents')
    .set(change)
    .where('incident_id', '=', incidentId)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Writes a line of an incident's timeline; the same event twice is one line. */
export async function addIncidentEvent(db: StateDb, row: IncidentEventRow): Promise<void> {
  await db
    .insertInto('incident_events')
    .values(row)
    .onConflict(conflict => conflict.column('event_id').doNothing())
    .execute();
}

/** An incident's timeline, oldest first. */
export async function incidentEvents(db: StateDb, incidentId: string): Promise<IncidentEventRow[]> {
  return db
    .selectFrom('incident_events')
    .selectAll()
    .where('incident_id', '=', incidentId)
    .orderBy('at')
    .orderBy('event_id')
    .execute();
}

/** Firing incidents, and those of `ids` whatever their state. */
export async function listFiringIncidents(
  db: StateDb,
  projectId: string,
  ids: readonly string[],
): Promise<IncidentRow[]> {
  return db
    .selectFrom('incidents')
    .selectAll()
    .where('project_id', '=', projectId)
    .where(eb =>
      eb.or([eb('state', '=', 'firing'), ...(ids.length > 0 ? [eb('incident_id', 'in', [...ids])] : [])]),
    )
    .orderBy('opened_at')
    .orderBy('incident_id')
    .execute();
}

/** Lines of one kind in the timelines of incidents; those without are left out. */
export async function countEvents(
  db: StateDb,
  incidentIds: readonly string[],
  kind: string,
): Promise<Map<string, number>> {
  if (incidentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('incident_events')
    .select(eb => ['incident_id', eb.fn.countAll<number>().as('n')])
    .where('incident_id', 'in', [...incidentIds])
    .where('kind', '=', kind)
    .groupBy('incident_id')
    .execute();
  return new Map(rows.map(row => [row.incident_id, Number(row.n)]));
}
