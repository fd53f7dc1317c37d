import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { clientCost } from '#contract/client-cost.ts';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type { exportSpend } from '#contract/export.ts';
import type {
  closeMonth,
  explainSpend,
  listMonths,
  listRepricings,
  spend,
  spendCalls,
} from '#contract/spend.ts';
import type { forecastSpend } from '#contract/spend-forecast.ts';
import { addressOf, ask, question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type Spend = ReplyOf<typeof spend>;
export type Explained = ReplyOf<typeof explainSpend>;
export type MonthForecast = ReplyOf<typeof forecastSpend>;

export const monthsQuestion = () => question<typeof listMonths>('/api/v1/months', {});

/** Months of the ledger and whether they are closed. */
export const useMonths = () => useQuery(monthsQuestion());

export const spendQuestion = (request: RequestOf<typeof spend>) =>
  question<typeof spend>('/api/v1/spend', request);

/** Spend as booked. The answer before stays on screen while the next one is on its way. */
export const useSpend = (request: RequestOf<typeof spend>, enabled = true) =>
  useQuery({
    ...spendQuestion(request),
    enabled,
    placeholderData: keepPreviousData,
  });

/** Why senders' costs are not ours. */
export const useClientCost = (request: RequestOf<typeof clientCost>, enabled: boolean) =>
  useQuery({ ...question<typeof clientCost>('/api/v1/spend/client-cost', request), enabled });

/** What the present month will come to. */
export const useMonthForecast = (where: string, enabled: boolean) =>
  useQuery({
    ...question<typeof forecastSpend>('/api/v1/spend/forecast', { where }),
    enabled,
    placeholderData: keepPreviousData,
  });

/** What a change was made of. */
export const useExplained = (request: RequestOf<typeof explainSpend>, enabled = true) =>
  useQuery({
    ...question<typeof explainSpend>('/api/v1/spend/explain', request),
    enabled,
    placeholderData: keepPreviousData,
  });

/** The calls behind a number, the newest first, page by page. They do not move under a reader. */
export const useSpendCalls = (request: RequestOf<typeof spendCalls>, enabled = true) =>
  useInfiniteQuery({
    queryKey: ['/api/v1/spend/calls', request],
    queryFn: ({ signal, pageParam }) =>
      ask<typeof spendCalls>('/api/v1/spend/calls', {
        signal,
        request: { ...request, cursor: pageParam || undefined },
      }),
    initialPageParam: '',
    getNextPageParam: last => last.next ?? undefined,
    enabled,
    meta: { live: false },
  });

/** Repricings that were posted, by their id: the reasons of adjustments. */
export const useRepricings = (enabled: boolean) =>
  useQuery({ ...question<typeof listRepricings>('/api/v1/repricings', { limit: 1000 }), enabled });

/** Closes a month for good. */
export const useCloseMonth = () =>
  useMutation({
    mutationFn: ({ month, by }: { month: string; by: string }) =>
      tell<typeof closeMonth>('POST', '/api/v1/months/{month}/close', { params: { month }, request: { by } }),
    onSuccess: () =>
      queryClient.invalidateQueries({
        predicate: ({ queryKey: [path] }) =>
          typeof path === 'string' && /^\/api\/v1\/(months|spend|budgets)/.test(path),
      }),
  });

/** Address of a file of spend. */
export const exportAddress = (request: RequestOf<typeof exportSpend>) =>
  addressOf('/api/v1/export/spend', {}, request);
