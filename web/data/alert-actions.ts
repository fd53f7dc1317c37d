import { useMutation } from '@tanstack/react-query';
import type { AlertDetail, AlertSummary, acknowledgeAlert, snoozeAlert } from '#contract/alert.ts';
import { alertQuestion } from './alerts.ts';
import { tell } from './ask.ts';
import { queryClient } from './query-client.ts';

/** The answer is shown at once; its place in lists and timelines follows when they have been asked again. */
function show(changed: AlertSummary) {
  queryClient.setQueryData<AlertDetail>(
    alertQuestion(changed.id).queryKey,
    old => old && { ...old, ...changed },
  );
  void queryClient.invalidateQueries({
    predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/api/v1/alerts'),
  });
}

export const useAcknowledge = (id: string) =>
  useMutation({
    mutationFn: (by: string) =>
      tell<typeof acknowledgeAlert>('POST', '/api/v1/alerts/{id}/ack', { params: { id }, request: { by } }),
    onSuccess: show,
  });

export const useSnooze = (id: string) =>
  useMutation({
    mutationFn: (hours: number) =>
      tell<typeof snoozeAlert>('POST', '/api/v1/alerts/{id}/snooze', { params: { id }, request: { hours } }),
    onSuccess: show,
  });
