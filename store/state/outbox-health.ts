import type { StateDb } from './open.ts';

/** Messages that were due before `before` (ISO 8601 in UTC), wait for no earlier one of theirs, and nobody has taken. */
export async function overdueMessages(db: StateDb, before: string): Promise<number> {
  const row = await db
    .selectFrom('outbox')
    .select(eb => eb.fn.countAll<number>().as('n'))
    .where('outbox.delivered_at', 'is', null)
    .where('outbox.failed_at', 'is', null)
    .where('outbox.next_attempt_at', '<=', before)
    .where(eb => eb.or([eb('outbox.leased_until', 'is', null), eb('outbox.leased_until', '<=', before)]))
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
    )
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}
