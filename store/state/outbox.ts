import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { OutboxAttemptTable, OutboxTable } from './schema.ts';

export type OutboxRow = Selectable<OutboxTable>;
export type OutboxAttemptRow = Selectable<OutboxAttemptTable>;
/** What is to be said to whom; the first attempt is due at once. */
type OutboxEntry = Pick<
  OutboxRow,
  'event_id' | 'incident_id' | 'channel_id' | 'event' | 'payload' | 'created_at'
>;

/**
 * Queues messages, in the transaction that changes their incident. An event queued before for a channel is left alone. What
 * still waits for the same incident and channel is replaced: the newer state says it all. Only that it began firing is always said.
 */
export async function queueMessages(db: StateDb, entries: readonly OutboxEntry[]): Promise<void> {
  for (const entry of entries) {
    const added = await db
      .insertInto('outbox')
      .values({ ...entry, attempts: 0, next_attempt_at: entry.created_at })
      .onConflict(conflict => conflict.columns(['event_id', 'channel_id']).doNothing())
      .returning('outbox_id')
      .executeTakeFirst();
    if (added) await replaceWaiting(db, entry, added.outbox_id);
  }
}

/** Gives up messages that were not sent yet and are not being sent. */
async function replaceWaiting(db: StateDb, newer: OutboxEntry, outboxId: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({
      failed_at: newer.created_at,
      leased_until: null,
      next_attempt_at: null,
      error: 'replaced by newer state',
    })
    .where('incident_id', '=', newer.incident_id)
    .where('channel_id', '=', newer.channel_id)
    .where('outbox_id', '<', outboxId)
    .where('event', '!=', 'firing')
    .where('delivered_at', 'is', null)
    .where('failed_at', 'is', null)
    .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', newer.created_at)]))
    .execute();
}

/**
 * Takes up to `limit` due messages for `leaseMs` and counts the attempt. A message waits for the earlier ones of its
 * incident and channel, and no other sender gets it before the lease ends. `now` is ISO 8601 in UTC, as `toISOString`.
 */
export async function claimDue(
  db: StateDb,
  { now, leaseMs, limit }: { now: string; leaseMs: number; limit: number },
): Promise<OutboxRow[]> {
  const due = await firstWaiting(db)
    .select('outbox.outbox_id')
    .where('outbox.next_attempt_at', '<=', now)
    .where(eb => eb.or([eb('outbox.leased_until', 'is', null), eb('outbox.leased_until', '<=', now)]))
    .orderBy('outbox.next_attempt_at')
    .orderBy('outbox.outbox_id')
    .limit(limit)
    .execute();
  const claimed: OutboxRow[] = [];
  for (const { outbox_id } of due) {
    const row = await db
      .transaction()
      .execute(transaction => claim(transaction, outbox_id, { now, leaseMs }));
    if (row) claimed.push(row);
  }
  return claimed;
}

/** Takes one message and notes that an attempt begins. */
async function claim(
  db: StateDb,
  outboxId: number,
  { now, leaseMs }: { now: string; leaseMs: number },
): Promise<OutboxRow | undefined> {
  // The conditions again: another sender may have been quicker since the read.
  const row = await db
    .updateTable('outbox')
    .set(eb => ({
      leased_until: new Date(Date.parse(now) + leaseMs).toISOString(),
      last_attempt_at: now,
      attempts: eb('attempts', '+', 1),
    }))
    .where('outbox_id', '=', outboxId)
    .where('delivered_at', 'is', null)
    .where('failed_at', 'is', null)
    .where('next_attempt_at', '<=', now)
    .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst();
  if (row) await beginAttempt(db, { outbox_id: outboxId, number: row.attempts, at: now });
  return row;
}

async function beginAttempt(
  db: StateDb,
  { outbox_id, number, at }: { outbox_id: number; number: number; at: string },
): Promise<void> {
  const nothing = {
    ended_at: null,
    outcome: null,
    status: null,
    answer: null,
    error: null,
    next_attempt_at: null,
  };
  await db
    .insertInto('outbox_attempts')
    .values({ outbox_id, number, at, ...nothing })
    .execute();
}

/** Messages not delivered and not given up that have none of the same incident and channel before them. */
export function firstWaiting(db: StateDb) {
  return db
    .selectFrom('outbox')
    .where('outbox.delivered_at', 'is', null)
    .where('outbox.failed_at', 'is', null)
    .where(eb =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('outbox as earlier')
            .select('earlier.outbox_id')
            .whereRef('earlier.incident_id', '=', 'outbox.incident_id')
            .whereRef('earlier.channel_id', '=', 'outbox.channel_id')
            .whereRef('earlier.outbox_id', '<', 'outbox.outbox_id')
            .where('earlier.delivered_at', 'is', null)
            .where('earlier.failed_at', 'is', null),
        ),
      ),
    );
}

/** What is written down of the attempt itself. */
export interface AttemptNote {
  outcome?: OutboxAttemptRow['outcome'];
  status?: number | null;
  answer?: string | null;
}
type Outcome = Pick<OutboxRow, 'delivered_at' | 'failed_at' | 'next_attempt_at' | 'error'>;

/** The receiver has it. */
export async function markDelivered(
  db: StateDb,
  claimed: OutboxRow,
  at: string,
  note: AttemptNote = {},
): Promise<boolean> {
  const outcome = { delivered_at: at, failed_at: null, next_attempt_at: null, error: null };
  return settle(db, claimed, outcome, { at, outcome: 'delivered', ...note });
}

/** It did not arrive; it is due again at `nextAttemptAt`. */
export async function markRetry(
  db: StateDb,
  claimed: OutboxRow,
  { nextAttemptAt, error, at }: { nextAttemptAt: string; error: string; at?: string },
  note: AttemptNote = {},
): Promise<boolean> {
  const outcome = { delivered_at: null, failed_at: null, next_attempt_at: nextAttemptAt, error };
  return settle(db, claimed, outcome, { at: at ?? claimed.last_attempt_at, outcome: 'failed', ...note });
}

/** It will not be tried again. */
export async function markFailed(
  db: StateDb,
  claimed: OutboxRow,
  { at, error }: { at: string; error: string },
  note: AttemptNote = {},
): Promise<boolean> {
  const outcome = { delivered_at: null, failed_at: at, next_attempt_at: null, error };
  return settle(db, claimed, outcome, { at, outcome: 'failed', ...note });
}

/** False when the lease had run out and another sender has taken the message since. */
async function settle(
  db: StateDb,
  claimed: OutboxRow,
  outcome: Outcome,
  note: AttemptNote & { at: string | null },
): Promise<boolean> {
  return inTransaction(db, async transaction => {
    const result = await transaction
      .updateTable('outbox')
      .set({ ...outcome, leased_until: null })
      .where('outbox_id', '=', claimed.outbox_id)
      .where('attempts', '=', claimed.attempts)
      .where('delivered_at', 'is', null)
      .where('failed_at', 'is', null)
      .executeTakeFirst();
    if (result.numUpdatedRows === 0n) return false;
    const { at, ...said } = note;
    // Only an attempt under way ends here; a message may also be given up between two.
    await transaction
      .updateTable('outbox_attempts')
      .set({ ended_at: at, error: outcome.error, next_attempt_at: outcome.next_attempt_at, ...said })
      .where('outbox_id', '=', claimed.outbox_id)
      .where('number', '=', claimed.attempts)
      .where('ended_at', 'is', null)
      .execute();
    return true;
  });
}

/** Runs `work` in the transaction there is, or in one of its own. */
export async function inTransaction<Result>(
  db: StateDb,
  work: (db: StateDb) => Promise<Result>,
): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

/** Every message of an incident, in the order they were queued. */
export async function messagesOf(db: StateDb, incidentId: string): Promise<OutboxRow[]> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('incident_id', '=', incidentId)
    .orderBy('outbox_id')
    .execute();
}
