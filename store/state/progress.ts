import type { StateDb } from './open.ts';

/** How far a job has come, in its own words; null when it never ran. */
export async function readProgress(db: StateDb, job: string): Promise<string | null> {
  const row = await db.selectFrom('progress').select('position').where('job', '=', job).executeTakeFirst();
  return row?.position ?? null;
}

export async function writeProgress(db: StateDb, job: string, position: string): Promise<void> {
  await db
    .insertInto('progress')
    .values({ job, position })
    .onConflict(conflict => conflict.column('job').doUpdateSet({ position }))
    .execute();
}
