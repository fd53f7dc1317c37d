import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { InternalAlertTable } from './schema.ts';

export type InternalAlertRow = Selectable<InternalAlertTable>;

/** Those that last, oldest first. */
export async function firingInternalAlerts(db: StateDb): Promise<InternalAlertRow[]> {
  return db
    .selectFrom('internal_alerts')
    .selectAll()
    .where('state', '=', 'firing')
    .orderBy('opened_at')
    .orderBy('alert_id')
    .execute();
}

/** Firing first, then newest first; in any state without one. */
export async function listInternalAlerts(
  db: StateDb,
  state: InternalAlertRow['state'] | undefined,
  limit: number,
): Promise<InternalAlertRow[]> {
  let query = db
    .selectFrom('internal_alerts')
    .selectAll()
    .orderBy(eb => eb.case().when('state', '=', 'firing').then(0).else(1).end())
    .orderBy('opened_at', 'desc')
    .orderBy('alert_id')
    .limit(limit);
  if (state) query = query.where('state', '=', state);
  return query.execute();
}

/** False when the problem has a firing alert already, perhaps from another process a moment ago. */
export async function openInternalAlert(db: StateDb, row: InternalAlertRow): Promise<boolean> {
  const result = await db
    .insertInto('internal_alerts')
    .values(row)
    .onConflict(conflict => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Changes an alert that still fires; false when it does not any more. */
export async function changeInternalAlert(
  db: StateDb,
  alertId: string,
  change: Partial<
    Pick<InternalAlertRow, 'severity' | 'title' | 'detail' | 'gone_since' | 'state' | 'resolved_at'>
  >,
): Promise<boolean> {
  const result = await db
    .updateTable('internal_alerts')
    .set(change)
    .where('alert_id', '=', alertId)
    .where('state', '=', 'firing')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
