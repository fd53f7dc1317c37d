import { type Selectable, sql } from 'kysely';
import type { StateDb } from './open.ts';
import type { ReviewItemTable, ReviewOpinionTable, ReviewQueueTable } from './schema.ts';

export type ReviewQueueRow = Selectable<ReviewQueueTable>;
export type ReviewItemRow = Selectable<ReviewItemTable>;
export type ReviewOpinionRow = Selectable<ReviewOpinionTable>;

/** Values of one statement stay below what SQLite binds at most. */
const batch = 100;

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
  const has = JSON.parse(before.reasons) as { sentence: string }[];
  const more = (JSON.parse(now.reasons) as { sentence: string }[]).filter(
    one => !has.some(({ sentence }) => sentence === one.sentence),
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

export interface Reviewer {
  queueId: string;
  reviewer: string;
  /** ISO 8601. */
  now: string;
}

/** Writing first takes the queue, so that two people at once get two items. */
async function holdQueue(tx: StateDb, queueId: string): Promise<void> {
  await tx.updateTable('review_queues').set({ queue_id: queueId }).where('queue_id', '=', queueId).execute();
}

/**
 * The next item for a person, held until `heldUntil`: what they hold already, then what is theirs, then the most urgent that
 * still wants an opinion nobody is giving. Undefined: nothing is left.
 */
export async function takeReviewItem(
  db: StateDb,
  who: Reviewer & { heldUntil: string; again: boolean },
): Promise<ReviewItemRow | undefined> {
  return db.transaction().execute(async tx => {
    await holdQueue(tx, who.queueId);
    if (who.again)
      await tx
        .deleteFrom('review_opinions')
        .where('queue_id', '=', who.queueId)
        .where('reviewer', '=', who.reviewer)
        .where('state', '=', 'skipped')
        .execute();
    const held = sql<number>`case when exists (select 1 from review_opinions mine where mine.item_id = review_items.item_id
      and mine.reviewer = ${who.reviewer} and mine.state = 'looking' and mine.held_until > ${who.now}) then 0 else 1 end`;
    const item = await labellable(tx, who)
      .selectAll()
      .orderBy(held)
      .orderBy(sql`case when assignee = '' then 1 else 0 end`)
      .orderBy('priority', 'desc')
      .orderBy('place')
      .limit(1)
      .executeTakeFirst();
    if (item) await setOpinion(tx, item, { ...who, state: 'looking', said: '', schemaVersion: 0 });
    return item;
  });
}

/** Open items a person may still label, unless enough others are at it. */
function labellable(db: StateDb, { queueId, reviewer, now }: Reviewer) {
  return db
    .selectFrom('review_items')
    .where('queue_id', '=', queueId)
    .where('state', '=', 'open')
    .where('assignee', 'in', ['', reviewer])
    .where(
      sql<boolean>`not exists (select 1 from review_opinions mine where mine.item_id = review_items.item_id
        and mine.reviewer = ${reviewer} and mine.state <> 'looking')`,
    )
    .where(
      sql<boolean>`opinions + (select count(*) from review_opinions theirs where theirs.item_id = review_items.item_id
        and theirs.reviewer <> ${reviewer} and theirs.state = 'looking' and theirs.held_until > ${now}) < opinions_wanted`,
    );
}

interface Opinion {
  reviewer: string;
  now: string;
  heldUntil: string;
  state: ReviewOpinionRow['state'];
  said: string;
  schemaVersion: number;
}

async function setOpinion(db: StateDb, item: ReviewItemRow, said: Opinion): Promise<void> {
  const values = {
    state: said.state,
    held_until: said.heldUntil,
    said: said.said,
    schema_version: said.schemaVersion,
    at: said.now,
  };
  await db
    .insertInto('review_opinions')
    .values({ item_id: item.item_id, queue_id: item.queue_id, reviewer: said.reviewer, ...values })
    .onConflict(conflict => conflict.columns(['item_id', 'reviewer']).doUpdateSet(values))
    .execute();
}

/** Keeps what a person said; the item is done when enough people have. The item after it. */
export async function keepLabel(
  db: StateDb,
  item: ReviewItemRow,
  { reviewer, now, said, schemaVersion }: Omit<Opinion, 'state' | 'heldUntil'>,
): Promise<ReviewItemRow> {
  return db.transaction().execute(async tx => {
    await holdQueue(tx, item.queue_id);
    await setOpinion(tx, item, { reviewer, now, heldUntil: now, state: 'labelled', said, schemaVersion });
    const row = await tx
      .selectFrom('review_opinions')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('item_id', '=', item.item_id)
      .where('state', '=', 'labelled')
      .executeTakeFirst();
    const opinions = Number(row?.n ?? 0);
    const state = opinions >= item.opinions_wanted ? 'done' : 'open';
    await tx
      .updateTable('review_items')
      // An assignee has done their part; a second opinion is for anybody else.
      .set({ opinions, state, assignee: item.assignee === reviewer ? '' : item.assignee })
      .where('item_id', '=', item.item_id)
      .execute();
    return (await reviewItemRow(tx, item.item_id))!;
  });
}

/** Somebody who has already labelled it keeps what they said. */
export async function skipReviewItem(
  db: StateDb,
  item: ReviewItemRow,
  { reviewer, now }: { reviewer: string; now: string },
): Promise<void> {
  await db.transaction().execute(async tx => {
    await holdQueue(tx, item.queue_id);
    const before = await tx
      .selectFrom('review_opinions')
      .select('state')
      .where('item_id', '=', item.item_id)
      .where('reviewer', '=', reviewer)
      .executeTakeFirst();
    if (before?.state === 'labelled') return;
    await setOpinion(tx, item, {
      reviewer,
      now,
      heldUntil: now,
      state: 'skipped',
      said: '',
      schemaVersion: 0,
    });
  });
}

export async function reviewProgressOf(
  db: StateDb,
  who: Reviewer,
): Promise<{ remaining: number; labelled: number; skipped: number }> {
  const left = await labellable(db, who)
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .executeTakeFirst();
  const mine = await db
    .selectFrom('review_opinions')
    .innerJoin('review_items', 'review_items.item_id', 'review_opinions.item_id')
    .select(({ fn }) => [
      'review_opinions.state as opinion',
      'review_items.state as item',
      fn.countAll<number>().as('n'),
    ])
    .where('review_opinions.queue_id', '=', who.queueId)
    .where('reviewer', '=', who.reviewer)
    .groupBy(['review_opinions.state', 'review_items.state'])
    .execute();
  const count = (fits: (row: (typeof mine)[number]) => boolean) =>
    mine.filter(fits).reduce((sum, row) => sum + Number(row.n), 0);
  return {
    remaining: Number(left?.n ?? 0),
    labelled: count(row => row.opinion === 'labelled'),
    skipped: count(row => row.opinion === 'skipped' && row.item === 'open'),
  };
}

/** What one person did with an item, if anything. */
export function reviewOpinion(
  db: StateDb,
  itemId: string,
  reviewer: string,
): Promise<ReviewOpinionRow | undefined> {
  return db
    .selectFrom('review_opinions')
    .selectAll()
    .where('item_id', '=', itemId)
    .where('reviewer', '=', reviewer)
    .executeTakeFirst();
}

/** Everything that was said in a queue, oldest first. */
export function listLabels(db: StateDb, queueId: string): Promise<ReviewOpinionRow[]> {
  return db
    .selectFrom('review_opinions')
    .selectAll()
    .where('queue_id', '=', queueId)
    .where('state', '=', 'labelled')
    .orderBy('at')
    .orderBy('item_id')
    .execute();
}
