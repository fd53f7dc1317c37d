import { type Reconciliation, type ReconciliationHead, reconciliationHead } from '#contract/reconcile.ts';
import type { StateDb } from './open.ts';

const MOST_LISTED = 200;

/** Keeps a comparison with its result. */
export async function keepReconciliation(
  db: StateDb,
  projectId: string,
  found: Reconciliation,
): Promise<void> {
  await db
    .insertInto('reconciliations')
    .values({
      reconciliation_id: found.reconciliation_id,
      project_id: projectId,
      created_at: found.created_at,
      head: JSON.stringify(reconciliationHead.parse(found)),
      result: JSON.stringify(found),
    })
    .execute();
}

/** The newest first. */
export async function listReconciliations(db: StateDb, projectId: string): Promise<ReconciliationHead[]> {
  const rows = await db
    .selectFrom('reconciliations')
    .select('head')
    .where('project_id', '=', projectId)
    .orderBy('created_at', 'desc')
    .limit(MOST_LISTED)
    .execute();
  return rows.map(({ head }) => JSON.parse(head) as ReconciliationHead);
}

/** Null when there is none (any more). */
export async function readReconciliation(
  db: StateDb,
  projectId: string,
  id: string,
): Promise<Reconciliation | null> {
  const row = await db
    .selectFrom('reconciliations')
    .select('result')
    .where('project_id', '=', projectId)
    .where('reconciliation_id', '=', id)
    .executeTakeFirst();
  return row ? (JSON.parse(row.result) as Reconciliation) : null;
}

/** False when there was none. */
export async function deleteReconciliation(db: StateDb, projectId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('reconciliations')
    .where('project_id', '=', projectId)
    .where('reconciliation_id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
