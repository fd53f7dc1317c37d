import { useMutation, useQuery } from '@tanstack/react-query';
import type {
  changeChannel,
  createChannel,
  deleteChannel,
  listChannels,
  previewTemplate,
  rotateChannelSecret,
  testChannel,
} from '#contract/channel.ts';
import type { RequestOf } from '#contract/endpoint.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

const channelsQuestion = () => question<typeof listChannels>('/api/v1/channels', {});

/** Where alerts are sent, and the kinds of channels there are. */
export const useChannels = () => useQuery(channelsQuestion());

const refresh = async () => {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['/api/v1/channels'] }),
    queryClient.invalidateQueries({ queryKey: ['/api/v1/notifications'] }),
  ]);
};

/** The reply holds the signing secret, which is shown once. */
export const useCreateChannel = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof createChannel>) =>
      tell<typeof createChannel>('POST', '/api/v1/channels', { request }),
    onSuccess: refresh,
  });

export const useChangeChannel = () =>
  useMutation({
    mutationFn: ({ id, request }: { id: string; request: RequestOf<typeof changeChannel> }) =>
      tell<typeof changeChannel>('PUT', '/api/v1/channels/{id}', { params: { id }, request }),
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
    onSettled: refresh,
  });

export const useRotateSecret = () =>
  useMutation({
    mutationFn: (id: string) =>
      tell<typeof rotateChannelSecret>('POST', '/api/v1/channels/{id}/rotate-secret', { params: { id } }),
    onSuccess: refresh,
  });

export const usePreviewTemplate = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof previewTemplate>) =>
      tell<typeof previewTemplate>('POST', '/api/v1/channels/preview-template', { request }),
  });
