import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { listNewValues } from '#contract/drift.ts';
import type { driftShape } from '#contract/drift-shape.ts';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type { getQuietDrift, listQuietDrift, putQuietDrift } from '#contract/quiet-drift.ts';
import type { shapeWords } from '#contract/shape-words.ts';
import { DAY_MS } from '../clock.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type QuietSettings = ReplyOf<typeof getQuietDrift>;
export type NewValues = ReplyOf<typeof listNewValues>;

interface Scope {
  feature: string | undefined;
  environment: string | undefined;
}

/** How inputs and outputs differ from four weeks before. */
export const useShapeDrift = (scope: Scope) =>
  useQuery({
    ...question<typeof driftShape>('/api/v1/drift/shape', scope),
    placeholderData: keepPreviousData,
  });

/** A series and which of its texts. */
export type TopicOf = RequestOf<typeof shapeWords>;

/** Words that came and went; asked when somebody wants to know. */
export const useTopicWords = (of: TopicOf, enabled: boolean) =>
  useQuery({ ...question<typeof shapeWords>('/api/v1/drift/shape/words', of), enabled });

/** Usage and gaps between cohorts, day by day. */
export const useQuietDrift = (scope: Scope) =>
  useQuery({
    ...question<typeof listQuietDrift>('/api/v1/drift/quiet', scope),
    placeholderData: keepPreviousData,
  });

/** Models, prompt versions and the like that a feature had never shown, newest first. */
export const useNewValues = (feature: string | undefined) =>
  useQuery({
    ...question<typeof listNewValues>('/api/v1/drift/new-values', { feature, limit: 50 }),
    placeholderData: keepPreviousData,
  });

/** The same of all features in the last seven days; by the day, so that the question stays the same while a page is open. */
export const newsQuestion = () => {
  const from = new Date((Math.floor(Date.now() / DAY_MS) - 7) * DAY_MS).toISOString();
  return question<typeof listNewValues>('/api/v1/drift/new-values', { from, limit: 20 });
};
export const useNews = () => useQuery({ ...newsQuestion(), placeholderData: keepPreviousData });

const settingsPath = '/api/v1/drift/quiet/settings';

export const useQuietSettings = () => useQuery(question<typeof getQuietDrift>(settingsPath, {}));

export const useSaveQuietSettings = () =>
  useMutation({
    mutationFn: (request: QuietSettings) => tell<typeof putQuietDrift>('PUT', settingsPath, { request }),
    onSuccess: saved => {
      void queryClient.invalidateQueries({ queryKey: [settingsPath] });
      return saved;
    },
  });
