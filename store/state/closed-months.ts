import type { Selectable } from 'kysely';
import { z } from 'zod';
import { commitmentBases } from '#contract/commitment.ts';
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

/** An amount committed for a month, as it was known when the month was closed. */
const keptAmount = z.object({
  overlay_id: z.string(),
  name: z.string(),
  provider: z.string(),
  model: z.string(),
  basis: z.enum(commitmentBases),
  nanos: z.string(),
  /** ISO 8601, what of the month it is for: [from_at, to_at). */
  from_at: z.string(),
  to_at: z.string(),
});
export type KeptAmount = z.infer<typeof keptAmount>;

/** From `closing` on its numbers are frozen; once it is `closed` it has its files. */
export interface ClosedMonth extends Omit<Selectable<ClosedMonthTable>, 'files' | 'amounts'> {
  files: KeptFile[];
  /** Null: it was closed before they were kept, and its files do not say what is left of them either. */
  amounts: KeptAmount[] | null;
}

/** The oldest first. */
export async function listClosedMonths(db: StateDb, projectId: string): Promise<ClosedMonth[]> {
  const rows = await db
    .selectFrom('closed_months')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('month')
    .execute();
  return rows.map(({ files, amounts, ...row }) => ({
    ...row,
    files: z.array(keptFile).parse(JSON.parse(files)),
    amounts: amounts === null ? null : z.array(keptAmount).parse(JSON.parse(amounts)),
  }));
}

/** False when the month is closed, or being closed, already. */
export async function beginClosing(
  db: StateDb,
  row: Omit<ClosedMonth, 'files' | 'state' | 'amounts'> & { amounts: readonly KeptAmount[] },
): Promise<boolean> {
  const result = await db
    .insertInto('closed_months')
    .values({ ...row, amounts: JSON.stringify(row.amounts), state: 'closing', files: '[]' })
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
