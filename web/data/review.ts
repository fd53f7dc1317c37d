import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type {
  addReviewItem,
  changeReviewItem,
  changeReviewQueue,
  createReviewQueue,
  deleteReviewQueue,
  fillReviewQueue,
  labelReviewItem,
  listReviewItems,
  listReviewQueues,
  reviewAgreement,
  skipReviewItem,
  takeReviewItem,
} from '#contract/review.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type ReviewQueue = ReplyOf<typeof listReviewQueues>['queues'][number];
export type ReviewField = ReviewQueue['fields'][number];
export type ReviewRule = ReviewQueue['rules'][number];
export type QueueInput = RequestOf<typeof createReviewQueue>;
export type Taken = ReplyOf<typeof takeReviewItem>;
export type TakenItem = NonNullable<Taken['item']>;
export type Agreement = ReplyOf<typeof reviewAgreement>;

const QUEUES = '/api/v1/review/queues';
const ITEMS = '/api/v1/review/items';
const TAKE = 'review take';

/** Counts, lists and agreement; not the item at hand, which stays until it is done. */
const changed = () =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey: [path] }) => typeof path === 'string' && path.startsWith('/api/v1/review'),
  });

export const useReviewQueues = () => useQuery(question<typeof listReviewQueues>(QUEUES, {}));

export const useAgreement = (queue: string) =>
  useQuery(question<typeof reviewAgreement>(`${QUEUES}/{queue}/agreement`, {}, { queue }));

export const useReviewItems = (queue: string, state: 'open' | 'done') =>
  useQuery(question<typeof listReviewItems>(`${QUEUES}/{queue}/items`, { state, limit: 50 }, { queue }));

/** The item at hand. Asking again gives the same one until it is labelled or put aside. */
export const useTaken = (queue: string, reviewer: string) =>
  useQuery({
    queryKey: [TAKE, queue, reviewer],
    queryFn: ({ signal }) =>
      tell<typeof takeReviewItem>('POST', `${QUEUES}/{queue}/take`, {
        request: { reviewer },
        params: { queue },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** Brings back what this person put aside. */
export const useTakeSkipped = (queue: string, reviewer: string) =>
  useMutation({
    mutationFn: () =>
      tell<typeof takeReviewItem>('POST', `${QUEUES}/{queue}/take`, {
        request: { reviewer, skipped: true },
        params: { queue },
      }),
    onSuccess: taken => queryClient.setQueryData([TAKE, queue, reviewer], taken),
  });

export const useLabel = () =>
  useMutation({
    mutationFn: ({ itemId, request }: { itemId: string; request: RequestOf<typeof labelReviewItem> }) =>
      tell<typeof labelReviewItem>('POST', `${ITEMS}/{item_id}/label`, {
        request,
        params: { item_id: itemId },
      }),
    onSuccess: changed,
  });

export const useSkip = () =>
  useMutation({
    mutationFn: ({ itemId, reviewer }: { itemId: string; reviewer: string }) =>
      tell<typeof skipReviewItem>('POST', `${ITEMS}/{item_id}/skip`, {
        request: { reviewer },
        params: { item_id: itemId },
      }),
    onSuccess: changed,
  });

export const useAssign = () =>
  useMutation({
    mutationFn: ({ itemId, request }: { itemId: string; request: RequestOf<typeof changeReviewItem> }) =>
      tell<typeof changeReviewItem>('PUT', `${ITEMS}/{item_id}`, { request, params: { item_id: itemId } }),
    onSuccess: changed,
  });

export const useCreateQueue = () =>
  useMutation({
    mutationFn: (request: QueueInput) => tell<typeof createReviewQueue>('POST', QUEUES, { request }),
    onSuccess: changed,
  });

export const useFill = (queue: string) =>
  useMutation({
    mutationFn: (hours: number) =>
      tell<typeof fillReviewQueue>('POST', `${QUEUES}/{queue}/fill`, {
        request: { hours },
        params: { queue },
      }),
    onSuccess: changed,
  });

export const useChangeQueue = () =>
  useMutation({
    mutationFn: ({ queue, ...request }: QueueInput) =>
      tell<typeof changeReviewQueue>('PUT', `${QUEUES}/{queue}`, { request, params: { queue } }),
    onSuccess: changed,
  });

export const useDeleteQueue = () =>
  useMutation({
    mutationFn: (queue: string) =>
      tell<typeof deleteReviewQueue>('DELETE', `${QUEUES}/{queue}`, { params: { queue } }),
    onSuccess: changed,
  });

/** Puts one call into a queue, whatever its rules say. */
export const useAddItem = () =>
  useMutation({
    mutationFn: ({ queue, request }: { queue: string; request: RequestOf<typeof addReviewItem> }) =>
      tell<typeof addReviewItem>('POST', `${QUEUES}/{queue}/items`, { request, params: { queue } }),
    onSuccess: changed,
  });
