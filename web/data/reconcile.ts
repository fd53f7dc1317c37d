import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type {
  createReconciliation,
  deleteReconciliation,
  listReconciliations,
  reconciliationById,
} from '#contract/reconcile.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type Reconciliation = ReplyOf<typeof reconciliationById>;
export type ReconciliationHead = ReplyOf<typeof listReconciliations>['reconciliations'][number];

const PATH = '/api/v1/reconciliations';

export const useReconciliations = () => useQuery(question<typeof listReconciliations>(PATH, {}));

/** One comparison with all its lines. It never changes. */
export const useReconciliation = (id: string | undefined) =>
  useQuery({
    ...question<typeof reconciliationById>(
      `${PATH}/{reconciliation_id}`,
      {},
      { reconciliation_id: id ?? '' },
    ),
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Compares files with the ledger; the result is kept under its id. */
export const useCompare = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof createReconciliation>) =>
      tell<typeof createReconciliation>('POST', PATH, { request }),
    onSuccess: made => {
      const params = { reconciliation_id: made.reconciliation_id };
      const { queryKey } = question<typeof reconciliationById>(`${PATH}/{reconciliation_id}`, {}, params);
      queryClient.setQueryData(queryKey, made);
      return queryClient.invalidateQueries({ queryKey: [PATH] });
    },
  });

export const useForget = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof deleteReconciliation>('DELETE', `${PATH}/{reconciliation_id}`, {
        params: { reconciliation_id: id },
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [PATH] }),
  });

export const csvAddress = (id: string) => `${PATH}/${encodeURIComponent(id)}/csv`;
