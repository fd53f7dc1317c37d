import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { DeliveryRunTable, DeliveryTable } from './schema.ts';

export type DeliveryRow = Selectable<DeliveryTable>;
export type DeliveryRunRow = Selectable<DeliveryRunTable>;
type QueuedRun = Pick<
  DeliveryRunRow,
  'run_id' | 'delivery_id' | 'period' | 'from_at' | 'to_at' | 'zone' | 'asked' | 'queued_at'
>;

/** In the order they were made. */
export async function listDeliveryRows(db: StateDb, projectId: string): Promise<DeliveryRow[]> {
  return db
    .selectFrom('deliveries')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('created_at')
    .orderBy('delivery_id')
    .execute();
}

export async function getDelivery(db: StateDb, deliveryId: string): Promise<DeliveryRow | null> {
  const row = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  return row ?? null;
}

export async function addDelivery(db: StateDb, row: DeliveryRow): Promise<void> {
  await db.insertInto('deliveries').values(row).execute();
}

/** With everything that was sent and was still to be sent. False when there is no such delivery. */
export async function removeDelivery(db: StateDb, deliveryId: string): Promise<boolean> {
  return db.transaction().execute(async transaction => {
    await transaction.deleteFrom('delivery_runs').where('delivery_id', '=', deliveryId).execute();
    const removed = await transaction
      .deleteFrom('deliveries')
      .where('delivery_id', '=', deliveryId)
      .executeTakeFirst();
    return removed.numDeletedRows > 0n;
  });
}

/** Due at once; a period that was queued by the schedule before is left alone. */
export async function queueRun(db: StateDb, run: QueuedRun): Promise<void> {
  await db
    .insertInto('delivery_runs')
    .values({ ...run, attempts: 0, next_attempt_at: run.queued_at })
    .onConflict(conflict => conflict.doNothing())
    .execute();
}

/** Periods of a delivery that were queued by the schedule. */
export async function scheduledPeriods(db: StateDb, deliveryId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('delivery_runs')
    .select('period')
    .where('delivery_id', '=', deliveryId)
    .where('asked', '=', 'schedule')
    .execute();
  return new Set(rows.map(({ period }) => period));
}

/** The newest first. */
export async function runsOf(db: StateDb, deliveryId: string, limit: number): Promise<DeliveryRunRow[]> {
  return db
    .selectFrom('delivery_runs')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .orderBy('queued_at', 'desc')
    .orderBy('run_id')
    .limit(limit)
    .execute();
}

/**
 * Takes the run that has been due longest for `leaseMs` and counts the attempt; null when none is due. No other process
 * gets it before the lease ends. `now` is ISO 8601 in UTC.
 */
export async function claimRun(
  db: StateDb,
  { now, leaseMs }: { now: string; leaseMs: number },
): Promise<DeliveryRunRow | null> {
  const due = await db
    .selectFrom('delivery_runs')
    .select('run_id')
    .where('delivered_at', 'is', null)
    .where('failed_at', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .orderBy('next_attempt_at')
    .orderBy('run_id')
    .limit(1)
    .executeTakeFirst();
  if (!due) return null;
  // The conditions again: another sender may have been quicker since the read.
  const row = await db
    .updateTable('delivery_runs')
    .set(eb => ({
      leased_until: new Date(Date.parse(now) + leaseMs).toISOString(),
      attempts: eb('attempts', '+', 1),
    }))
    .where('run_id', '=', due.run_id)
    .where('delivered_at', 'is', null)
    .where('failed_at', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

type Outcome = Pick<DeliveryRunRow, 'delivered_at' | 'failed_at' | 'next_attempt_at' | 'error' | 'file'>;

/** What became of an attempt. Nothing when its lease had run out and another sender has taken it since. */
export async function settleRun(db: StateDb, claimed: DeliveryRunRow, outcome: Outcome): Promise<void> {
  await db
    .updateTable('delivery_runs')
    .set({ ...outcome, leased_until: null })
    .where('run_id', '=', claimed.run_id)
    .where('attempts', '=', claimed.attempts)
    .where('delivered_at', 'is', null)
    .where('failed_at', 'is', null)
    .execute();
}
