import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { getPrivacy, Privacy, putPrivacy, testRedaction } from '#contract/privacy.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type KeptPrivacy = ReplyOf<typeof getPrivacy>;
export type TriedRedaction = ReplyOf<typeof testRedaction>;

const kept = () => question<typeof getPrivacy>('/api/v1/privacy', {});

/** What is kept of prompts and answers, and what is taken out before. */
export const usePrivacy = () => useQuery(kept());

export const useSavePrivacy = () =>
  useMutation({
    mutationFn: (privacy: Privacy) =>
      tell<typeof putPrivacy>('PUT', '/api/v1/privacy', { request: { privacy } }),
    onSuccess: reply => {
      queryClient.setQueryData(kept().queryKey, reply);
      // It says whether content is captured.
      return queryClient.invalidateQueries({ queryKey: ['/api/v1/onboarding'] });
    },
  });

/** What a text would look like on disk; the last answer stays on screen while the next one is on its way. */
export const useTriedRedaction = (privacy: Privacy, text: string) =>
  useQuery({
    queryKey: ['/api/v1/privacy/test', privacy, text],
    queryFn: ({ signal }) =>
      tell<typeof testRedaction>('POST', '/api/v1/privacy/test', { request: { privacy, text }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
    meta: { live: false },
  });
