import { type Selectable, sql } from 'kysely';
import type { StateDb } from './open.ts';
import { type ReviewItemRow, reviewItemRow } from './review-items.ts';
import { holdQueue } from './review-queues.ts';
import type { ReviewOpinionTable } from './schema.ts';

export type ReviewOpinionRow = Selectable<ReviewOpinionTable>;

export interface Reviewer {
  queueId: string;
  reviewer: string;
  /** ISO 8601. */
  now: string;
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
