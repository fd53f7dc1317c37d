import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import { holdQueue } from './review-queues.ts';
import type { ReviewItemTable } from './schema.ts';

export type ReviewItemRow = Selectable<ReviewItemTable>;

/** Values of one statement stay below what SQLite binds at most. */
const batch = 100;

/**
 * Puts calls into a queue, each once: one that is there gets the reasons it did not have, and the higher priority. Those beyond
 * `most` open items are left out.
 */
export async function putReviewItems(
  db: StateDb,
  queueId: string,
  items: readonly ReviewItemRow[],
  most: number,
): Promise<{ added: number; known: number; leftOut: number }> {
  return db.transaction().execute(async tx => {
    await holdQueue(tx, queueId);
    const known = await itemsOfCalls(tx, queueId, items);
    const fresh = items.filter(one => !known.has(callKey(one)));
    const room = Math.max(0, most - (await countReviewItems(tx, queueId, 'open')));
    const added = fresh.slice(0, room);
    for (let from = 0; from < added.length; from += batch / 2)
      await tx
        .insertInto('review_items')
        .values(added.slice(from, from + batch / 2))
        .execute();
    for (const one of items) {
      const before = known.get(callKey(one));
      const change = before && merged(before, one);
      if (change)
        await tx.updateTable('review_items').set(change).where('item_id', '=', before.item_id).execute();
    }
    return { added: added.length, known: known.size, leftOut: fresh.length - added.length };
  });
}

const callKey = ({ trace_id, span_id }: { trace_id: string; span_id: string }) => `${trace_id}/${span_id}`;

function merged(before: ReviewItemRow, now: ReviewItemRow) {
  type Reason = { kind: string; sentence: string };
  const has = JSON.parse(before.reasons) as Reason[];
  // A cluster grows while one looks: that is no further reason.
  const more = (JSON.parse(now.reasons) as Reason[]).filter(
    one =>
      !has.some(
        ({ kind, sentence }) => sentence === one.sentence || (kind === 'new_cluster' && kind === one.kind),
      ),
  );
  if (more.length === 0) return undefined;
  // Twenty reasons are as good as a hundred.
  const reasons = JSON.stringify([...has, ...more].slice(0, 20));
  return { reasons, priority: Math.max(before.priority, now.priority) };
}

async function itemsOfCalls(
  db: StateDb,
  queueId: string,
  calls: readonly { trace_id: string; span_id: string }[],
): Promise<Map<string, ReviewItemRow>> {
  const wanted = new Set(calls.map(callKey));
  const found = new Map<string, ReviewItemRow>();
  for (let from = 0; from < calls.length; from += batch) {
    const traces = calls.slice(from, from + batch).map(({ trace_id }) => trace_id);
    const rows = await db
      .selectFrom('review_items')
      .selectAll()
      .where('queue_id', '=', queueId)
      .where('trace_id', 'in', traces)
      .execute();
    for (const row of rows) if (wanted.has(callKey(row))) found.set(callKey(row), row);
  }
  return found;
}

/** Without texts, in the order they are asked. */
export function listReviewItemRows(
  db: StateDb,
  { queueId, state, limit }: { queueId: string; state: 'open' | 'done'; limit: number },
): Promise<ReviewItemRow[]> {
  return db
    .selectFrom('review_items')
    .selectAll()
    .where('queue_id', '=', queueId)
    .where('state', '=', state)
    .orderBy('priority', 'desc')
    .orderBy('place')
    .limit(limit)
    .execute();
}

export async function countReviewItems(
  db: StateDb,
  queueId: string,
  state: 'open' | 'done',
): Promise<number> {
  const row = await db
    .selectFrom('review_items')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('queue_id', '=', queueId)
    .where('state', '=', state)
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}

export function reviewItemRow(db: StateDb, itemId: string): Promise<ReviewItemRow | undefined> {
  return db.selectFrom('review_items').selectAll().where('item_id', '=', itemId).executeTakeFirst();
}

/** The item after the change; undefined when there is none. */
export function changeReviewItemRow(
  db: StateDb,
  itemId: string,
  change: Partial<Pick<ReviewItemRow, 'assignee' | 'priority'>>,
): Promise<ReviewItemRow | undefined> {
  return db
    .updateTable('review_items')
    .set(change)
    .where('item_id', '=', itemId)
    .returningAll()
    .executeTakeFirst();
}
