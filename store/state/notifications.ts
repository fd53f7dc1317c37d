import type { Insertable } from 'kysely';
import type { StateDb } from './open.ts';
import type { OutboxAttemptRow, OutboxRow } from './outbox.ts';
import type { OutboxTable } from './schema.ts';

export interface NotificationFilter {
  status?: 'waiting' | 'delivered' | 'failed' | undefined;
  channelId?: string | undefined;
  incidentId?: string | undefined;
  /** Only those queued before this one. */
  before?: number | undefined;
  limit: number;
}

/** Messages, newest first. */
export async function listNotifications(db: StateDb, filter: NotificationFilter): Promise<OutboxRow[]> {
  let query = db.selectFrom('outbox').selectAll().orderBy('outbox_id', 'desc').limit(filter.limit);
  if (filter.channelId !== undefined) query = query.where('channel_id', '=', filter.channelId);
  if (filter.incidentId !== undefined) {
    query = query.where('incident_id', 'in', await groupsOf(db, filter.incidentId));
  }
  if (filter.before !== undefined) query = query.where('outbox_id', '<', filter.before);
  if (filter.status === 'delivered') query = query.where('delivered_at', 'is not', null);
  if (filter.status === 'failed') query = query.where('failed_at', 'is not', null);
  if (filter.status === 'waiting') {
    query = query.where('delivered_at', 'is', null).where('failed_at', 'is', null);
  }
  return query.execute();
}

/** Under which ids messages about an incident or alert went out: its own, and those of the groups it was told with. */
async function groupsOf(db: StateDb, id: string): Promise<string[]> {
  const groups = await db
    .selectFrom('alert_groups')
    .select('group_id')
    .where('members', 'like', `%${JSON.stringify(id).replaceAll('%', '_')}%`)
    .execute();
  return [id, ...groups.map(({ group_id }) => group_id)];
}

/** Every message about an incident or alert, in the order they were queued. */
export async function messagesAbout(db: StateDb, id: string): Promise<OutboxRow[]> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('incident_id', 'in', await groupsOf(db, id))
    .orderBy('outbox_id')
    .execute();
}

export async function getNotification(db: StateDb, outboxId: number): Promise<OutboxRow | null> {
  const row = await db.selectFrom('outbox').selectAll().where('outbox_id', '=', outboxId).executeTakeFirst();
  return row ?? null;
}

/** Every attempt of these messages, in the order they were made. */
export async function attemptsOf(db: StateDb, outboxIds: readonly number[]): Promise<OutboxAttemptRow[]> {
  if (outboxIds.length === 0) return [];
  return db
    .selectFrom('outbox_attempts')
    .selectAll()
    .where('outbox_id', 'in', outboxIds)
    .orderBy('outbox_id')
    .orderBy('number')
    .execute();
}

/** The newest message of each channel that has one, and how many of its messages wait. */
export async function channelActivity(
  db: StateDb,
): Promise<Map<string, { newest: OutboxRow; waiting: number }>> {
  const newest = await db
    .selectFrom('outbox')
    .selectAll()
    .where('outbox_id', 'in', eb =>
      eb
        .selectFrom('outbox')
        .select(({ fn }) => fn.max('outbox_id').as('outbox_id'))
        .groupBy('channel_id'),
    )
    .execute();
  const waiting = await db
    .selectFrom('outbox')
    .select(({ fn }) => ['channel_id', fn.countAll().as('count')])
    .where('delivered_at', 'is', null)
    .where('failed_at', 'is', null)
    .groupBy('channel_id')
    .execute();
  const counts = new Map(waiting.map(({ channel_id, count }) => [channel_id, Number(count)]));
  return new Map(
    newest.map(row => [row.channel_id, { newest: row, waiting: counts.get(row.channel_id) ?? 0 }]),
  );
}

/** Messages of alerts that were tried to the end in vain since `since`, and not sent again. */
export async function countUndelivered(db: StateDb, since: string): Promise<number> {
  const { count } = await db
    .selectFrom('outbox')
    .innerJoin('outbox_attempts', join =>
      join
        .onRef('outbox_attempts.outbox_id', '=', 'outbox.outbox_id')
        .onRef('outbox_attempts.number', '=', 'outbox.attempts'),
    )
    .innerJoin('channels', 'channels.channel_id', 'outbox.channel_id')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('outbox.failed_at', '>=', since)
    .where('outbox.event', 'not in', ['test', 'undelivered'])
    .where('outbox_attempts.outcome', 'in', ['failed', 'gone'])
    .where('outbox_attempts.next_attempt_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Makes a message due again at once, under its event id, with the whole schedule of attempts before it. Null when there is none, or
 * when it is being sent at this moment.
 */
export async function requeue(db: StateDb, outboxId: number, at: string): Promise<OutboxRow | null> {
  const row = await db
    .updateTable('outbox')
    .set(eb => ({
      delivered_at: null,
      failed_at: null,
      leased_until: null,
      next_attempt_at: at,
      error: null,
      attempts_before: eb.ref('attempts'),
    }))
    .where('outbox_id', '=', outboxId)
    .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', at)]))
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Writes down a message that was sent outside of the outbox, as a test is: one attempt, made and over. */
export async function noteSent(
  db: StateDb,
  message: Pick<
    Insertable<OutboxTable>,
    'event_id' | 'incident_id' | 'channel_id' | 'event' | 'payload' | 'created_at'
  >,
  attempt: Pick<OutboxAttemptRow, 'ended_at' | 'outcome' | 'status' | 'answer' | 'error'>,
): Promise<void> {
  const arrived = attempt.outcome === 'delivered';
  await db.transaction().execute(async transaction => {
    const { outbox_id } = await transaction
      .insertInto('outbox')
      .values({
        ...message,
        attempts: 1,
        next_attempt_at: null,
        last_attempt_at: message.created_at,
        leased_until: null,
        delivered_at: arrived ? attempt.ended_at : null,
        failed_at: arrived ? null : attempt.ended_at,
        error: attempt.error,
      })
      .returning('outbox_id')
      .executeTakeFirstOrThrow();
    await transaction
      .insertInto('outbox_attempts')
      .values({ outbox_id, number: 1, at: message.created_at, next_attempt_at: null, ...attempt })
      .execute();
  });
}
