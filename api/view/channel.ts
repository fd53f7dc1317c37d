import { channels } from '#alerts/channels/index.ts';
import { readNotice } from '#alerts/channels/notice.ts';
import { statusOf } from '#alerts/deliveries.ts';
import { routesNaming } from '#alerts/lifecycle/route-channels.ts';
import { signingOf } from '#alerts/notify/attempt.ts';
import { nameOfChannel, targetOf } from '#alerts/notify/channel-name.ts';
import type { Notification } from '#contract/channel.ts';
import { type Channel, type ChannelKindInfo, type ChannelSettings, channelKinds } from '#contract/channel.ts';
import type { AlertRoute } from '#contract/route.ts';
import { type ChannelRow, readSecrets } from '#store/state/channels.ts';
import type { OutboxAttemptRow, OutboxRow } from '#store/state/outbox.ts';

/** A channel as everybody may see it who may see channels: its secrets are named, not shown. */
export function channelView(
  row: ChannelRow,
  activity: { newest: OutboxRow; waiting: number } | undefined,
  { routes, nowMs }: { routes: readonly AlertRoute[]; nowMs: number },
): Channel {
  const { values, previous_until } = readSecrets(row.secret);
  const { newest, waiting = 0 } = activity ?? {};
  return {
    id: row.channel_id,
    kind: kindOf(row.kind),
    name: nameOfChannel(row),
    target: targetOf(row),
    settings: JSON.parse(row.settings) as ChannelSettings,
    secrets: Object.keys(values),
    enabled: row.enabled === 1,
    disabled_reason: row.disabled_reason,
    created_at: row.created_at,
    previous_secret_until: signingOf(row, nowMs).length > 1 ? previous_until : null,
    last: newest
      ? {
          at: newest.delivered_at ?? newest.failed_at ?? newest.last_attempt_at ?? newest.created_at,
          status: statusOf(newest),
          error: newest.error,
        }
      : null,
    waiting,
    routes: routesNaming(routes, row),
  };
}

/** Every kind with its form, in the order of the index. */
export function kindsView(): ChannelKindInfo[] {
  return Object.entries(channels).map(([kind, { label, about, fields, signed = false }]) => ({
    kind: kindOf(kind),
    label,
    about,
    fields: [...fields],
    signed,
  }));
}

/** A message with its attempts. */
export function notificationView(
  row: OutboxRow,
  channel: ChannelRow | undefined,
  attempts: readonly OutboxAttemptRow[],
  nowMs: number,
): Notification {
  const notice = readNotice({ id: row.event_id, body: row.payload });
  const status = statusOf(row);
  const underway = row.leased_until !== null && Date.parse(row.leased_until) > nowMs;
  return {
    id: String(row.outbox_id),
    event_id: row.event_id,
    incident_id: row.incident_id,
    title: notice.title,
    event: row.event,
    url: notice.links[0]?.url ?? null,
    channel: channel
      ? { id: channel.channel_id, name: nameOfChannel(channel), kind: kindOf(channel.kind) }
      : null,
    status,
    created_at: row.created_at,
    delivered_at: row.delivered_at,
    next_attempt_at: row.next_attempt_at,
    error: row.error,
    attempts: attempts.map(attemptView),
    can_resend: channel !== undefined && !underway,
  };
}

function attemptView(row: OutboxAttemptRow): Notification['attempts'][number] {
  const { number, at, ended_at, outcome, status, answer, error, next_attempt_at } = row;
  return { number, at, ended_at, outcome, status, answer, error, next_attempt_at };
}

/** Rows of a kind that a later version made are shown as what they are closest to. */
function kindOf(kind: string): Channel['kind'] {
  return channelKinds.find(known => known === kind) ?? 'http';
}
