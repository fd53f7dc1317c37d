import { useMutation, useQuery } from '@tanstack/react-query';
import type { createChannel, deleteChannel, listChannels, testChannel } from '#contract/channel.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

const channelsQuestion = () => question<typeof listChannels>('/api/v1/channels', {});

/** Where incidents are sent. */
export const useChannels = () => useQuery({ ...channelsQuestion(), select: reply => reply.channels });

const refresh = () => queryClient.invalidateQueries({ queryKey: ['/api/v1/channels'] });

/** The reply holds the signing secret, which is shown once. */
export const useCreateChannel = () =>
  useMutation({
    mutationFn: (url: string) => tell<typeof createChannel>('POST', '/api/v1/channels', { request: { url } }),
    onSuccess: refresh,
  });

export const useDeleteChannel = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof deleteChannel>('DELETE', '/api/v1/channels/{id}', { params: { id } }),
    onSuccess: refresh,
  });

export const useTestChannel = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof testChannel>('POST', '/api/v1/channels/{id}/test', { params: { id } }),
  });
