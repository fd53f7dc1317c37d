import { useMutation, useQuery } from '@tanstack/react-query';
import type { driftDigest, getDigestSettings, putDigestSettings } from '#contract/digest.ts';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type KeptDigestSettings = ReplyOf<typeof getDigestSettings>;

export const digestQuestion = () => ({
  ...question<typeof driftDigest>('/api/v1/drift/digest', {}),
  meta: { live: false },
});

/** The last seven days over all that is watched. Nothing in it turns on a second. */
export const useDigest = () => useQuery(digestQuestion());

const settingsPath = '/api/v1/drift/digest/settings';

export const useDigestSettings = () => useQuery(question<typeof getDigestSettings>(settingsPath, {}));

export const useSaveDigestSettings = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof putDigestSettings>) =>
      tell<typeof putDigestSettings>('PUT', settingsPath, { request }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [settingsPath] }),
  });
