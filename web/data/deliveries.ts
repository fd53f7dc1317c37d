import { useMutation, useQuery } from '@tanstack/react-query';
import type {
  createDelivery,
  DeliveryInput,
  deleteDelivery,
  listDeliveries,
  sendDelivery,
} from '#contract/delivery.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

/** What is sent by schedule, with what became of it; asked again while something is on its way. */
export const useDeliveries = () =>
  useQuery({
    ...question<typeof listDeliveries>('/api/v1/deliveries', {}),
    refetchInterval: ({ state }) =>
      state.data?.deliveries.some(({ runs: [last] }) => last && !last.delivered_at && !last.failed_at)
        ? 2000
        : false,
  });

const refresh = () => queryClient.invalidateQueries({ queryKey: ['/api/v1/deliveries'] });

/** The reply holds the signing secret of a webhook, which is shown once. */
export const useCreateDelivery = () =>
  useMutation({
    mutationFn: (request: DeliveryInput) =>
      tell<typeof createDelivery>('POST', '/api/v1/deliveries', { request }),
    onSuccess: refresh,
  });

export const useDeleteDelivery = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof deleteDelivery>('DELETE', '/api/v1/deliveries/{id}', { params: { id } }),
    onSuccess: refresh,
  });

export const useSendDelivery = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof sendDelivery>('POST', '/api/v1/deliveries/{id}/send', { params: { id } }),
    onSuccess: refresh,
  });
