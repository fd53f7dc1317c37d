import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { traceSearch } from '#contract/trace.ts';
import type { Range } from '../state/range.ts';
import type { TraceQuery } from '../state/trace-query.ts';
import { type View, whereOf } from '../state/view.ts';
import { ask, question } from './ask.ts';

export type TraceReply = ReplyOf<typeof traceSearch>;
export type TraceSummary = TraceReply['traces'][number];

const PAGE = 100;
/** Sorted lists have no cursor; they are asked for at once, up to the API's limit. */
const SORTED_LIMIT = 500;

/** Matching traces, page by page when newest come first. Live hints do not refetch it: rows must not move under a reader. */
export const useTraces = (view: View, { q, status, sort, score }: TraceQuery, enabled = true) =>
  useInfiniteQuery({
    queryKey: ['/api/v1/traces', view.from, view.to, whereOf(view), q, status, sort, score],
    queryFn: ({ signal, pageParam }) =>
      ask<typeof traceSearch>('/api/v1/traces', {
        signal,
        request: {
          from: view.from,
          to: view.to,
          where: whereOf(view),
          q,
          status,
          sort,
          score: sort === 'worst_score' ? score : '',
          limit: sort === 'newest' ? PAGE : SORTED_LIMIT,
          before: pageParam || undefined,
        },
      }),
    initialPageParam: '',
    getNextPageParam: last => (sort === 'newest' && last.more ? last.traces.at(-1)?.start_time : undefined),
    placeholderData: keepPreviousData,
    enabled,
    meta: { live: false },
  });

/** A few traces of one bucket of a chart, worst first when errors are asked for. */
export const useBucketTraces = (range: Range, where: string, enabled: boolean) =>
  useQuery({
    ...question<typeof traceSearch>('/api/v1/traces', { ...range, where, limit: 30 }),
    enabled,
    meta: { live: false },
  });
