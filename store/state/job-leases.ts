import type { StateDb } from './open.ts';

/**
 * Takes or keeps a job that one process at a time may do, for `forMs` from now; false while another one holds it. The clocks of the
 * processes must agree to much less than `forMs`.
 */
export async function takeLease(
  db: StateDb,
  { name, holder, nowMs, forMs }: { name: string; holder: string; nowMs: number; forMs: number },
): Promise<boolean> {
  const now = new Date(nowMs).toISOString();
  const held_until = new Date(nowMs + forMs).toISOString();
  const result = await db
    .insertInto('job_leases')
    .values({ name, holder, held_until })
    .onConflict(conflict =>
      conflict
        .column('name')
        .doUpdateSet({ holder, held_until })
        .where(eb => eb.or([eb('job_leases.holder', '=', holder), eb('job_leases.held_until', '<', now)])),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Lets others have it at once. */
export async function giveLeaseBack(
  db: StateDb,
  { name, holder }: { name: string; holder: string },
): Promise<void> {
  await db.deleteFrom('job_leases').where('name', '=', name).where('holder', '=', holder).execute();
}
