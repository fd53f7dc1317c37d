import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type { listCardTexts, modelCardOf, putCardTexts } from '#contract/model-card.ts';
import { addressOf, question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type ModelCard = ReplyOf<typeof modelCardOf>;
type Asked = RequestOf<typeof modelCardOf>;

const CARD = '/api/v1/features/{feature}/card';
const TEXTS = '/api/v1/features/{feature}/card/texts';

export const useModelCard = (feature: string, asked: Asked) =>
  useQuery({
    ...question<typeof modelCardOf>(CARD, asked, { feature }),
    // A card takes a while to make, and says from when it is.
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

/** Where the same card is found as Markdown. */
export const cardMarkdownAddress = (feature: string, asked: Asked) =>
  addressOf(CARD, { feature }, { ...asked, format: 'md' });

export const useCardTexts = (feature: string) =>
  useQuery(question<typeof listCardTexts>(TEXTS, {}, { feature }));

export const usePutCardTexts = (feature: string) =>
  useMutation({
    mutationFn: (request: RequestOf<typeof putCardTexts>) =>
      tell<typeof putCardTexts>('PUT', TEXTS, { request, params: { feature } }),
    onSuccess: () =>
      queryClient.invalidateQueries({
        predicate: ({ queryKey: [path] }) => path === CARD || path === TEXTS,
      }),
  });
