import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { OutboxTable } from './schema.ts';

export type OutboxRow = Selectable<OutboxTable>;
/** What is to be said to whom; the first attempt is due at once. */
type OutboxEntry = Pick<
  OutboxRow,
  'event_id' | 'incident_id' | 'channel_id' | 'event' | 'payload' | 'created_at'
>;

/** Queues messages, in the transaction that changes their incident. An event queued before for a channel is left alone. */
export async function queueMessages(db: StateDb, entries: readonly OutboxEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await db
    .insertInto('outbox')
    .values(entries.map(entry => ({ ...entry, attempts: 0, next_attempt_at: entry.created_at })))
    .onConflict(conflict => conflict.columns(['event_id', 'channel_id']).doNothing())
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
    // The conditions again: another sender may have been quicker since the read.
    const row = await db
      .updateTable('outbox')
      .set(eb => ({
        leased_until: new Date(Date.parse(now) + leaseMs).toISOString(),
        last_attempt_at: now,
        attempts: eb('attempts', '+', 1),
      }))
      .where('outbox_id', '=', outbox_id)
      .where('delivered_at', 'is', null)
      .where('failed_at', 'is', null)
      .where('next_attempt_at', '<=', now)
      .where(eb => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
      .returningAll()
      .executeTakeFirst();
    if (row) claimed.push(row);
  }
  return claimed;
}

/** Messages not delivered and not given up that have none of the same incident and channel before them. */
function firstWaiting(db: StateDb) {
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

type Outcome = Pick<OutboxRow, 'delivered_at' | 'failed_at' | 'next_attempt_at' | 'error'>;

/** The receiver has it. */
export async function markDelivered(db: StateDb, claimed: OutboxRow, at: string): Promise<boolean> {
  return settle(db, claimed, { delivered_at: at, failed_at: null, next_attempt_at: null, error: null });
}

/** It did not arrive; it is due again at `nextAttemptAt`. */
export async function markRetry(
  db: StateDb,
  claimed: OutboxRow,
  { nextAttemptAt, error }: { nextAttemptAt: string; error: string },
): Promise<boolean> {
  return settle(db, claimed, { delivered_at: null, failed_at: null, next_attempt_at: nextAttemptAt, error });
}

/** It will not be tried again. */
export async function markFailed(
  db: StateDb,
  claimed: OutboxRow,
  { at, error }: { at: string; error: string },
): Promise<boolean> {
  return settle(db, claimed, { delivered_at: null, failed_at: at, next_attempt_at: null, error });
}

/** False when the lease had run out and another sender has taken the message since. */
async function settle(db: StateDb, claimed: OutboxRow, outcome: Outcome): Promise<boolean> {
  const result = await db
    .updateTable('outbox')
    .set({ ...outcome, leased_until: null })
    .where('outbox_id', '=', claimed.outbox_id)
    .where('attempts', '=', claimed.attempts)
    .where('delivered_at', 'is', null)
    .where('failed_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
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
