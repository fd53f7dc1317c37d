import type { Router } from 'express';
import {
  createReconciliation,
  deleteReconciliation,
  listReconciliations,
  reconciliationById,
  reconciliationCsv,
} from '#contract/reconcile.ts';
import { UnknownFile } from '#ledger/reconcile/read-file.ts';
import { reconcile } from '#ledger/reconcile/reconcile.ts';
import { reconciliationAsCsv } from '#ledger/reconcile/result-csv.ts';
import {
  keepReconciliation,
  listReconciliations as readList,
  readReconciliation,
  deleteReconciliation as remove,
} from '#store/state/reconciliations.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

/** Files of a month by the minute are larger than anything else that is posted. */
export const reconcileBodyLimit = '64mb';

export function reconcileRoutes(router: Router, { clickhouse, state, projectId, nowMs }: Services): void {
  const read = async (id: string) => {
    const found = await readReconciliation(state, projectId, id);
    if (!found) throw notFound('There is no such comparison.');
    return found;
  };

  serve(router, createReconciliation, async ({ files, usd_per_unit: usdPerUnit }) => {
    try {
      const found = await reconcile(clickhouse, { projectId, files, usdPerUnit, nowMs: nowMs() });
      await keepReconciliation(state, projectId, found);
      return found;
    } catch (error) {
      if (error instanceof UnknownFile) throw new HttpProblem(422, error.message);
      throw error;
    }
  });

  serve(router, listReconciliations, async () => ({ reconciliations: await readList(state, projectId) }));

  serve(router, reconciliationById, async (_asked, { params }) => read(params.reconciliation_id));

  serveFile(router, reconciliationCsv, async (_asked, params) => {
    const found = await read(params.reconciliation_id ?? '');
    return {
      name: `reconciliation-${found.from_day}-${found.to_day}.csv`,
      contentType: 'text/csv; charset=utf-8',
      stream: async function* () {
        yield Buffer.from(reconciliationAsCsv(found));
      },
    };
  });

  serve(router, deleteReconciliation, async (_asked, { params }) => ({
    deleted: await remove(state, projectId, params.reconciliation_id),
  }));
}
