import type { Router } from 'express';
import { listNotifications, resendNotification } from '#contract/channel.ts';
import { getChannel, listChannels } from '#store/state/channels.ts';
import {
  attemptsOf,
  countUndelivered,
  getNotification,
  listNotifications as readNotifications,
  requeue,
} from '#store/state/notifications.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';
import { notificationView } from '../view/channel.ts';

const weekMs = 7 * 24 * 3_600_000;

/** The ledger of what was sent, and "send again". */
export function notificationsRoutes(router: Router, { state, nowMs }: Services): void {
  serve(router, listNotifications, async ({ status, channel_id, incident_id, before, limit }) => {
    const rows = await readNotifications(state, {
      status: status === 'any' ? undefined : status,
      channelId: channel_id,
      incidentId: incident_id,
      before: before === undefined ? undefined : idOf(before),
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const [channels, attempts, undelivered] = await Promise.all([
      listChannels(state),
      attemptsOf(
        state,
        page.map(({ outbox_id }) => outbox_id),
      ),
      countUndelivered(state, new Date(nowMs() - weekMs).toISOString()),
    ]);
    const byId = new Map(channels.map(channel => [channel.channel_id, channel]));
    return {
      notifications: page.map(row =>
        notificationView(
          row,
          byId.get(row.channel_id),
          attempts.filter(({ outbox_id }) => outbox_id === row.outbox_id),
          nowMs(),
        ),
      ),
      next: rows.length > limit ? String(page.at(-1)?.outbox_id) : null,
      undelivered,
    };
  });

  serve(router, resendNotification, async (_asked, { params }) => {
    const id = idOf(params.id);
    const known = await getNotification(state, id);
    if (!known) throw notFound(`There is no notification ${params.id}.`);
    const channel = await getChannel(state, known.channel_id);
    if (!channel) throw new HttpProblem(409, 'Its channel was removed.');
    if (channel.enabled === 0) throw new HttpProblem(409, 'Its channel is switched off: switch it on first.');
    const row = await requeue(state, id, new Date(nowMs()).toISOString());
    if (!row) throw new HttpProblem(409, 'It is being sent at this moment.');
    return notificationView(row, channel, await attemptsOf(state, [id]), nowMs());
  });
}

function idOf(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 0) throw notFound(`There is no notification ${text}.`);
  return id;
}
