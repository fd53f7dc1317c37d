import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { AlertGroupTable } from './schema.ts';

export type AlertGroupRow = Selectable<AlertGroupTable>;

export async function openAlertGroups(db: StateDb, projectId: string): Promise<AlertGroupRow[]> {
  return db
    .selectFrom('alert_groups')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('closed_at', 'is', null)
    .orderBy('opened_at')
    .orderBy('group_id')
    .execute();
}

/** Adds a group, or writes what has become of it. */
export async function putAlertGroup(db: StateDb, row: AlertGroupRow): Promise<void> {
  const { labels, members, state, closed_at } = row;
  await db
    .insertInto('alert_groups')
    .values(row)
    .onConflict(conflict => conflict.column('group_id').doUpdateSet({ labels, members, state, closed_at }))
    .execute();
}

export async function getAlertGroup(db: StateDb, groupId: string): Promise<AlertGroupRow | null> {
  const row = await db
    .selectFrom('alert_groups')
    .selectAll()
    .where('group_id', '=', groupId)
    .executeTakeFirst();
  return row ?? null;
}

/** Ids of the groups in whose messages an alert was named. */
export async function groupsTold(db: StateDb, alertId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('outbox')
    .select('incident_id')
    .distinct()
    .where('incident_id', 'in', db.selectFrom('alert_groups').select('group_id'))
    .where('payload', 'like', `%"id":"${alertId}"%`)
    .execute();
  return rows.map(({ incident_id }) => incident_id);
}
