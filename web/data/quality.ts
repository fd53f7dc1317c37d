import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type { deleteScoringRule, listEvaluators, putScoringRule, tryEvaluator } from '#contract/evaluator.ts';
import type { fairness } from '#contract/fairness.ts';
import type { acceptJudge, judgeHealth } from '#contract/judge.ts';
import type { quality, qualityScores } from '#contract/quality.ts';
import type { scoreDistribution } from '#contract/score-distribution.ts';
import type { Range } from '../state/range.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type Quality = ReplyOf<typeof quality>;
export type Scores = ReplyOf<typeof qualityScores>;
export type Spread = ReplyOf<typeof scoreDistribution>;
export type Evaluators = ReplyOf<typeof listEvaluators>;
export type Trial = ReplyOf<typeof tryEvaluator>;
type QualityRequest = RequestOf<typeof quality>;

/** How each feature scores in a range; without a score by the one most calls have. */
export const featuresRequest = (range: Range, where: string, score?: string | undefined): QualityRequest => ({
  from: range.from,
  to: range.to,
  where,
  score,
  group_by: 'feature',
});

export const qualityQuestion = (request: QualityRequest) =>
  question<typeof quality>('/api/v1/quality', request);

/** A score over calls with how sure it is. The answer before stays while the next one is on its way. */
export const useQuality = (request: QualityRequest, enabled = true) =>
  useQuery({
    ...qualityQuestion(request),
    enabled,
    placeholderData: keepPreviousData,
  });

/** Every score of a time, beside another one, in one answer. */
export const useScores = (request: RequestOf<typeof qualityScores>, enabled: boolean) =>
  useQuery({
    ...question<typeof qualityScores>('/api/v1/quality/scores', request),
    enabled,
    placeholderData: keepPreviousData,
  });

/** How a score is spread over calls, a histogram for each group. */
export const useSpread = (request: RequestOf<typeof scoreDistribution>, enabled = true) =>
  useQuery({
    ...question<typeof scoreDistribution>('/api/v1/quality/distribution', request),
    enabled,
    placeholderData: keepPreviousData,
  });

export const useEvaluators = () => useQuery(question<typeof listEvaluators>('/api/v1/evaluators', {}));

/** Whether judges are as they were, and agree with people. */
export const useJudgeHealth = (range: Range, enabled: boolean) =>
  useQuery({
    ...question<typeof judgeHealth>('/api/v1/judge/health', { ...range }),
    enabled,
    placeholderData: keepPreviousData,
  });

/** Takes a changed judge as the new normal. */
export const useAcceptJudge = () =>
  useMutation({
    mutationFn: (score: string) =>
      tell<typeof acceptJudge>('POST', '/api/v1/judge/accept', { request: { score } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['/api/v1/judge/health'] }),
  });

/** Gaps between cohorts. */
export const useFairness = (request: RequestOf<typeof fairness>, enabled: boolean) =>
  useQuery({
    ...question<typeof fairness>('/api/v1/fairness', request),
    enabled,
    placeholderData: keepPreviousData,
  });

const refresh = () => queryClient.invalidateQueries({ queryKey: ['/api/v1/evaluators'] });

interface Named<Request> {
  name: string;
  request: Request;
}

/** Lets an evaluator score what arrives of a feature, or stops it. */
export const useSaveRule = () =>
  useMutation({
    mutationFn: ({ name, request }: Named<RequestOf<typeof putScoringRule>>) =>
      tell<typeof putScoringRule>('PUT', '/api/v1/evaluators/{name}/rule', { request, params: { name } }),
    onSuccess: refresh,
  });

export const useRemoveRule = () =>
  useMutation({
    mutationFn: ({ name, feature }: { name: string; feature: string }) =>
      tell<typeof deleteScoringRule>('DELETE', '/api/v1/evaluators/{name}/rule', {
        request: { feature },
        params: { name },
      }),
    onSuccess: refresh,
  });

/** Judges the newest call that fits, without keeping the score. */
export const useTryEvaluator = () =>
  useMutation({
    mutationFn: ({ name, request }: Named<RequestOf<typeof tryEvaluator>>) =>
      tell<typeof tryEvaluator>('POST', '/api/v1/evaluators/{name}/try', { request, params: { name } }),
  });
