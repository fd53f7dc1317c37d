import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { StateDb } from './open.ts';
import type { ClosedMonthTable } from './schema.ts';

/** A file that was kept when its month was closed: `pieces` rows of `closed_exports`. */
const keptFile = z.object({
  name: z.string(),
  contentType: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  pieces: z.number(),
});
export type KeptFile = z.infer<typeof keptFile>;

/** From `closing` on its numbers are frozen; once it is `closed` it has its files. */
export interface ClosedMonth extends Omit<Selectable<ClosedMonthTable>, 'files'> {
  files: KeptFile[];
}

/** The oldest first. */
export async function listClosedMonths(db: StateDb, projectId: string): Promise<ClosedMonth[]> {
  const rows = await db
    .selectFrom('closed_months')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('month')
    .execute();
  return rows.map(row => ({ ...row, files: z.array(keptFile).parse(JSON.parse(row.files)) }));
}

/** False when the month is closed, or being closed, already. */
export async function beginClosing(db: StateDb, row: Omit<ClosedMonth, 'files' | 'state'>): Promise<boolean> {
  const result = await db
    .insertInto('closed_months')
    .values({ ...row, state: 'closing', files: '[]' })
    .onConflict(conflict => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function endClosing(
  db: StateDb,
  { projectId, month, files }: { projectId: string; month: string; files: readonly KeptFile[] },
): Promise<void> {
  await db
    .updateTable('closed_months')
    .set({ state: 'closed', files: JSON.stringify(files) })
    .where('project_id', '=', projectId)
    .where('month', '=', month)
    .where('state', '=', 'closing')
    .execute();
}

/** The frozen parts of the ledger as Unix seconds [from, to). */
export function frozenParts(months: readonly ClosedMonth[]): [fromS: number, toS: number][] {
  return months.map(({ from_at, to_at }) => [Date.parse(from_at) / 1000, Date.parse(to_at) / 1000]);
}
