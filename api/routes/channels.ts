import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import { newSecret } from '#alerts/channels/standard-webhooks.ts';
import { type Channel, createChannel, deleteChannel, listChannels, testChannel } from '#contract/alert.ts';
import {
  addChannel,
  type ChannelRow,
  getChannel,
  listChannels as readChannels,
  removeChannel,
} from '#store/state/channels.ts';
import { notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { sendTestEvent } from '../test-event.ts';

export function channelsRoutes(router: Router, services: Services): void {
  const { state, nowMs } = services;
  serve(router, listChannels, async () => ({ channels: (await readChannels(state)).map(toChannel) }));

  serve(router, createChannel, async ({ kind, url }) => {
    const row: ChannelRow = {
      channel_id: randomUUID(),
      kind,
      settings: JSON.stringify({ url }),
      secret: newSecret(),
      enabled: 1,
      created_at: new Date(nowMs()).toISOString(),
    };
    await addChannel(state, row);
    return { ...toChannel(row), secret: row.secret };
  });

  serve(router, deleteChannel, async (_asked, { params }) => {
    const removed = await removeChannel(state, params.id, new Date(nowMs()).toISOString());
    if (!removed) throw noChannel(params.id);
    return {};
  });

  serve(router, testChannel, async (_asked, { params }) => {
    const row = await getChannel(state, params.id);
    if (!row) throw noChannel(params.id);
    const attempt = await sendTestEvent(row, services);
    if (attempt.outcome === 'delivered') return { delivered: true, status: attempt.status, error: null };
    return { delivered: false, status: attempt.status, error: attempt.error };
  });
}

const noChannel = (id: string) => notFound(`There is no channel ${id}.`);

/** Webhook addresses may carry a token, but whoever may list channels may also replace them. */
function toChannel({ channel_id, settings, enabled }: ChannelRow): Channel {
  const { url } = JSON.parse(settings) as { url: string };
  return { id: channel_id, kind: 'webhook', url, enabled: enabled === 1 };
}
