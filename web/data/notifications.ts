import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { listNotifications, resendNotification } from '#contract/channel.ts';
import type { RequestOf } from '#contract/endpoint.ts';
import { ask, question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

type Filter = Pick<RequestOf<typeof listNotifications>, 'status' | 'channel_id'>;
const path = '/api/v1/notifications';
const refreshMs = 10_000;

/** Messages to channels with their attempts, newest first; a page more at a time. */
export const useNotifications = (filter: Filter) =>
  useInfiniteQuery({
    queryKey: [path, filter, 'pages'],
    queryFn: ({ pageParam, signal }) =>
      ask<typeof listNotifications>(path, {
        request: { ...filter, ...(pageParam && { before: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: reply => reply.next,
    refetchInterval: refreshMs,
  });

/** How many messages were given up lately. */
export const useUndelivered = () =>
  useQuery({
    ...question<typeof listNotifications>(path, { limit: 1 }),
    select: ({ undelivered }) => undelivered,
    refetchInterval: 6 * refreshMs,
  });

export const useResend = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof resendNotification>('POST', '/api/v1/notifications/{id}/resend', { params: { id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [path] }),
  });
