import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type { applyPrices, previewPrices, unpricedModels } from '#contract/price.ts';
import type { postRepricing, previewRepricing, repricingById } from '#contract/spend.ts';
import { ask, question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type UnpricedModel = ReplyOf<typeof unpricedModels>['models'][number];
export type Change = NonNullable<RequestOf<typeof previewPrices>['changes']>[number];
export type Repricing = ReplyOf<typeof repricingById>;

/** Models with calls whose cost is not known. */
export const useUnpriced = (range: { from: string; to: string }, enabled: boolean) =>
  useQuery({ ...question<typeof unpricedModels>('/api/v1/prices/unpriced', range), enabled });

/** What new prices would do; changes nothing. */
export const usePreviewPrices = () =>
  useMutation({
    mutationFn: (changes: Change[]) =>
      tell<typeof previewPrices>('POST', '/api/v1/prices/preview', { request: { changes } }),
  });

const POLL_MS = 500;
const LONGEST_MS = 10 * 60_000;

/** Waits until a repricing is no longer at work; `onProgress` is told how far it is, 0 to 1. */
export async function settled(first: Repricing, onProgress?: (progress: number) => void): Promise<Repricing> {
  let now = first;
  for (let waited = 0; waited < LONGEST_MS && /ing$/.test(now.state); waited += POLL_MS) {
    await new Promise(done => setTimeout(done, POLL_MS));
    now = await ask<typeof repricingById>('/api/v1/repricings/{posting_id}', {
      params: { posting_id: now.posting_id },
    });
    onProgress?.(now.progress);
  }
  if (now.error !== null) throw new Error(now.error);
  return now;
}

interface Priced {
  changes: Change[];
  hash: string;
  models: string[];
}

/** Writes prices into the book, then posts the difference for the calls that have none yet. */
export const useAddPrices = () =>
  useMutation({
    mutationFn: async ({ changes, hash, models }: Priced) => {
      const note = 'prices added on the spend page';
      const { past } = await tell<typeof applyPrices>('POST', '/api/v1/prices/apply', {
        request: { changes, hash, note },
      });
      if (!past) return null;
      const previewed = await settled(
        await tell<typeof previewRepricing>('POST', '/api/v1/repricings/preview', {
          request: { ...past, models, note },
        }),
      );
      return settled(
        await tell<typeof postRepricing>('POST', '/api/v1/repricings', {
          request: { posting_id: previewed.posting_id },
        }),
      );
    },
    onSettled: () => queryClient.invalidateQueries(),
  });
