import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { ReviewQueueTable } from './schema.ts';

export type ReviewQueueRow = Selectable<ReviewQueueTable>;

/** In the order of their names, with how many items are open and done. */
export async function listReviewQueueRows(
  db: StateDb,
  projectId: string,
): Promise<(ReviewQueueRow & { open: number; done: number })[]> {
  const rows = await db
    .selectFrom('review_queues')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('name')
    .execute();
  const counts = await db
    .selectFrom('review_items')
    .innerJoin('review_queues', 'review_queues.queue_id', 'review_items.queue_id')
    .select(({ fn }) => ['review_items.queue_id', 'state', fn.countAll<number>().as('n')])
    .where('project_id', '=', projectId)
    .groupBy(['review_items.queue_id', 'state'])
    .execute();
  const count = (queueId: string, state: string) =>
    Number(counts.find(row => row.queue_id === queueId && row.state === state)?.n ?? 0);
  return rows.map(row => ({ ...row, open: count(row.queue_id, 'open'), done: count(row.queue_id, 'done') }));
}

export function reviewQueueRow(
  db: StateDb,
  projectId: string,
  key: { name: string } | { queueId: string },
): Promise<ReviewQueueRow | undefined> {
  const rows = db.selectFrom('review_queues').selectAll().where('project_id', '=', projectId);
  return 'name' in key
    ? rows.where('name', '=', key.name).executeTakeFirst()
    : rows.where('queue_id', '=', key.queueId).executeTakeFirst();
}

/** False when there is one of that name. */
export async function addReviewQueue(db: StateDb, row: ReviewQueueRow): Promise<boolean> {
  const result = await db
    .insertInto('review_queues')
    .values(row)
    .onConflict(conflict => conflict.columns(['project_id', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function changeReviewQueueRow(
  db: StateDb,
  queueId: string,
  change: Partial<Omit<ReviewQueueRow, 'queue_id' | 'project_id' | 'name'>>,
): Promise<void> {
  await db.updateTable('review_queues').set(change).where('queue_id', '=', queueId).execute();
}

/** True for the one who may look for calls now: whoever asks again within the pause need not. */
export async function claimFill(
  db: StateDb,
  queueId: string,
  { at, before }: { at: string; before: string },
): Promise<boolean> {
  const result = await db
    .updateTable('review_queues')
    .set({ filled_at: at })
    .where('queue_id', '=', queueId)
    .where(({ or, eb }) => or([eb('filled_at', 'is', null), eb('filled_at', '<', before)]))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** With its items and what was said of them. */
export async function removeReviewQueue(db: StateDb, queueId: string): Promise<void> {
  await db.transaction().execute(async tx => {
    for (const table of ['review_opinions', 'review_items', 'review_queues'] as const)
      await tx.deleteFrom(table).where('queue_id', '=', queueId).execute();
  });
}

/** Writing first takes the queue until the transaction ends, so that two people at once get two items. */
export async function holdQueue(tx: StateDb, queueId: string): Promise<void> {
  await tx.updateTable('review_queues').set({ queue_id: queueId }).where('queue_id', '=', queueId).execute();
}
