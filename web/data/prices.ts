import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type {
  addOverlay,
  addRates,
  applyPrices,
  changeOverlay,
  listOverlays,
  listPrices,
  listRates,
  OverlayTerms,
  previewOverlay,
  previewPrices,
  previewRates,
  priceHistory,
  withdrawOverlay,
} from '#contract/price.ts';
import type { postRepricing, previewRepricing } from '#contract/spend.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';
import { settled } from './unpriced.ts';

export type Prices = ReplyOf<typeof listPrices>;
export type Proposal = RequestOf<typeof previewPrices>;
export type Rate = ReplyOf<typeof listRates>['rates'][number];
export interface Series {
  provider: string;
  model: string;
  region: string;
}

/** The whole price book, past and future prices included. */
export const usePrices = () => useQuery(question<typeof listPrices>('/api/v1/prices', {}));

/** Everything said about one model. */
export const usePriceHistory = (series: Series | null) =>
  useQuery({
    ...question<typeof priceHistory>('/api/v1/prices/history', series ?? { provider: '-', model: '-' }),
    enabled: series !== null,
    placeholderData: keepPreviousData,
  });

const refresh = () =>
  Promise.all(
    [
      '/api/v1/prices',
      '/api/v1/prices/history',
      '/api/v1/prices/unpriced',
      '/api/v1/price-overlays',
      '/api/v1/exchange-rates',
    ].map(path => queryClient.invalidateQueries({ queryKey: [path] })),
  );

/** What a proposal would do; changes nothing. */
export const usePreviewProposal = () =>
  useMutation({
    mutationFn: (proposal: Proposal) =>
      tell<typeof previewPrices>('POST', '/api/v1/prices/preview', { request: proposal }),
  });

export const useApplyProposal = () =>
  useMutation({
    mutationFn: (confirmed: RequestOf<typeof applyPrices>) =>
      tell<typeof applyPrices>('POST', '/api/v1/prices/apply', { request: confirmed }),
    onSuccess: refresh,
  });

type OnProgress = (progress: number) => void;

/** What the calls of a time would cost at the prices known now; takes a while, and changes nothing. */
export const usePreviewRepricing = (onProgress: OnProgress) =>
  useMutation({
    mutationFn: async (asked: RequestOf<typeof previewRepricing>) =>
      settled(
        await tell<typeof previewRepricing>('POST', '/api/v1/repricings/preview', { request: asked }),
        onProgress,
      ),
  });

export const usePostRepricing = (onProgress: OnProgress) =>
  useMutation({
    mutationFn: async (posting_id: string) =>
      settled(
        await tell<typeof postRepricing>('POST', '/api/v1/repricings', { request: { posting_id } }),
        onProgress,
      ),
    onSuccess: () => queryClient.invalidateQueries(),
  });

export const useOverlays = (enabled: boolean) =>
  useQuery({ ...question<typeof listOverlays>('/api/v1/price-overlays', {}), enabled });

export const usePreviewOverlay = () =>
  useMutation({
    mutationFn: (asked: RequestOf<typeof previewOverlay>) =>
      tell<typeof previewOverlay>('POST', '/api/v1/price-overlays/preview', { request: asked }),
  });

interface SavedOverlay {
  /** Null: a new one. */
  overlay: { overlay_id: string; version: number } | null;
  /** Null: it is withdrawn. */
  terms: RequestTerms | null;
  noted_by: string;
  note: string;
}
export type RequestTerms = Partial<OverlayTerms> & Pick<OverlayTerms, 'name' | 'valid_from'>;

export const useSaveOverlay = () =>
  useMutation({
    mutationFn: ({ overlay, terms, noted_by, note }: SavedOverlay) => {
      const noted = { noted_by, note };
      if (overlay === null)
        return tell<typeof addOverlay>('POST', '/api/v1/price-overlays', {
          request: { terms: terms!, ...noted },
        });
      const params = { id: overlay.overlay_id };
      const { version } = overlay;
      return terms === null
        ? tell<typeof withdrawOverlay>('POST', '/api/v1/price-overlays/{id}/withdraw', {
            params,
            request: { version, ...noted },
          })
        : tell<typeof changeOverlay>('PUT', '/api/v1/price-overlays/{id}', {
            params,
            request: { terms, version, ...noted },
          });
    },
    onSuccess: refresh,
  });

export const useRates = (enabled: boolean) =>
  useQuery({ ...question<typeof listRates>('/api/v1/exchange-rates', {}), enabled });

export const usePreviewRates = () =>
  useMutation({
    mutationFn: (rates: RequestOf<typeof previewRates>['rates']) =>
      tell<typeof previewRates>('POST', '/api/v1/exchange-rates/preview', { request: { rates } }),
  });

export const useAddRates = () =>
  useMutation({
    mutationFn: (asked: RequestOf<typeof addRates>) =>
      tell<typeof addRates>('POST', '/api/v1/exchange-rates', { request: asked }),
    onSuccess: refresh,
  });
