import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type {
  anchorsByScore,
  deleteAnchors,
  freezeAnchors,
  getJudge,
  listAnchorCandidates,
  listAnchors,
  putJudge,
  scoreAnchors,
  tryJudge,
} from '#contract/judge.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type JudgeState = ReplyOf<typeof getJudge>;
export type JudgeChange = RequestOf<typeof putJudge>;
export type JudgeTrial = ReplyOf<typeof tryJudge>;
export type Candidates = ReplyOf<typeof listAnchorCandidates>;

/** Where the judge is asked, what leaves the machine, what it costs. */
export const useJudge = () => useQuery(question<typeof getJudge>('/api/v1/judge', {}));

export const useSaveJudge = () =>
  useMutation({
    mutationFn: (request: JudgeChange) => tell<typeof putJudge>('PUT', '/api/v1/judge', { request }),
    onSuccess: async saved => {
      queryClient.setQueryData(question<typeof getJudge>('/api/v1/judge', {}).queryKey, saved);
      await refreshAnchors();
    },
  });

/** Asks the judge once; the score is not kept, what it costs is counted. */
export const useTryJudge = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof tryJudge>) =>
      tell<typeof tryJudge>('POST', '/api/v1/judge/try', { request }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['/api/v1/judge'] }),
  });

/** Frozen anchors of every judge. */
export const useAnchors = () => useQuery(question<typeof listAnchors>('/api/v1/judge/anchors', {}));

/** The examples of one set; asked for while it is shown. */
export const useAnchorExamples = (score: string) =>
  useQuery(question<typeof anchorsByScore>('/api/v1/judge/anchors/{score}', {}, { score }));

/** What could be frozen. */
export const useCandidates = (request: RequestOf<typeof listAnchorCandidates>, enabled: boolean) =>
  useQuery({
    ...question<typeof listAnchorCandidates>('/api/v1/judge/anchor-candidates', request),
    enabled,
  });

const refreshAnchors = () =>
  Promise.all(
    ['/api/v1/judge', '/api/v1/judge/anchors', '/api/v1/judge/anchors/{score}', '/api/v1/judge/health'].map(
      path => queryClient.invalidateQueries({ queryKey: [path] }),
    ),
  );

export const useFreezeAnchors = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof freezeAnchors>) =>
      tell<typeof freezeAnchors>('POST', '/api/v1/judge/anchors', { request }),
    onSettled: refreshAnchors,
  });

export const useScoreAnchors = () =>
  useMutation({
    mutationFn: (score: string) =>
      tell<typeof scoreAnchors>('POST', '/api/v1/judge/anchors/run', { request: { score } }),
    onSettled: refreshAnchors,
  });

export const useDeleteAnchors = () =>
  useMutation({
    mutationFn: (score: string) =>
      tell<typeof deleteAnchors>('DELETE', '/api/v1/judge/anchors/{score}', { params: { score } }),
    onSuccess: refreshAnchors,
  });
