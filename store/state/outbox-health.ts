import type { StateDb } from './open.ts';
import { firstWaiting } from './outbox.ts';

/** Messages that were due before `before` (ISO 8601 in UTC), wait for no earlier one of theirs, and nobody has taken. */
export async function overdueMessages(db: StateDb, before: string): Promise<number> {
  const row = await firstWaiting(db)
    .select(eb => eb.fn.countAll<number>().as('n'))
    .where('outbox.next_attempt_at', '<=', before)
    .where(eb => eb.or([eb('outbox.leased_until', 'is', null), eb('outbox.leased_until', '<=', before)]))
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}
