import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type { adoption, outcomeSummary } from '#contract/outcome.ts';
import { question } from './ask.ts';

export type Outcomes = ReplyOf<typeof outcomeSummary>;
export type Adoption = ReplyOf<typeof adoption>;

/** What came of calls, what it was worth and what it cost. The answer before stays while the next one is on its way. */
export const useOutcomes = (request: RequestOf<typeof outcomeSummary>) =>
  useQuery({
    ...question<typeof outcomeSummary>('/api/v1/outcomes', request),
    placeholderData: keepPreviousData,
  });

/** Who uses the features, and who comes back. */
export const useAdoption = (request: RequestOf<typeof adoption>) =>
  useQuery({
    ...question<typeof adoption>('/api/v1/adoption', request),
    placeholderData: keepPreviousData,
    // Days that are counted in another zone arrive while one looks.
    refetchInterval: query => ((query.state.data?.progress ?? 1) < 1 ? 2000 : false),
  });
