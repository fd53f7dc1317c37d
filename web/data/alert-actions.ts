import { useMutation } from '@tanstack/react-query';
import type { acknowledgeAlert, snoozeAlert } from '#contract/alert.ts';
import { tell } from './ask.ts';
import { queryClient } from './query-client.ts';

const refresh = () =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/api/v1/alerts'),
  });

export const useAcknowledge = (id: string) =>
  useMutation({
    mutationFn: (by: string) =>
      tell<typeof acknowledgeAlert>('POST', '/api/v1/alerts/{id}/ack', { params: { id }, request: { by } }),
    onSuccess: refresh,
  });

export const useSnooze = (id: string) =>
  useMutation({
    mutationFn: (hours: number) =>
      tell<typeof snoozeAlert>('POST', '/api/v1/alerts/{id}/snooze', { params: { id }, request: { hours } }),
    onSuccess: refresh,
  });
