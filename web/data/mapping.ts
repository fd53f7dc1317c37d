import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { getMapping, Mapping, putMapping, testMapping } from '#contract/mapping.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type KeptMapping = ReplyOf<typeof getMapping>;
export type TriedSpan = ReplyOf<typeof testMapping>['spans'][number];

const kept = () => question<typeof getMapping>('/api/v1/mapping', {});

/** Where feature, tenant and the like are looked for. */
export const useMapping = () => useQuery(kept());

export const useSaveMapping = () =>
  useMutation({
    mutationFn: (mapping: Mapping) =>
      tell<typeof putMapping>('PUT', '/api/v1/mapping', { request: { mapping } }),
    onSuccess: reply => queryClient.setQueryData(kept().queryKey, reply),
  });

/** What a mapping would find in recent spans; the spans stay on screen while a changed mapping is asked for. */
export const useTriedMapping = (mapping: Mapping | null) =>
  useQuery({
    queryKey: ['/api/v1/mapping/test', mapping],
    queryFn: () =>
      tell<typeof testMapping>('POST', '/api/v1/mapping/test', { request: { mapping: mapping ?? {} } }),
    enabled: mapping !== null,
    placeholderData: keepPreviousData,
    select: reply => reply.spans,
    // A draft is edited beside them: new traffic must not exchange them under the reader.
    meta: { live: false },
  });
