import type { AlertDetail } from '#contract/alert.ts';
import { listChannels } from '#store/state/channels.ts';
import { messagesAbout } from '#store/state/notifications.ts';
import type { StateDb } from '#store/state/open.ts';
import type { OutboxRow } from '#store/state/outbox.ts';
import { nameOfChannel } from './notify/channel-name.ts';

/** What was sent about an incident, or will be, in the order it happened; each with its attempts. */
export async function deliveriesOf(state: StateDb, incidentId: string): Promise<AlertDetail['deliveries']> {
  const [messages, channels] = await Promise.all([messagesAbout(state, incidentId), listChannels(state)]);
  const names = new Map(channels.map(channel => [channel.channel_id, nameOfChannel(channel)]));
  return messages.map(message => ({
    channel: names.get(message.channel_id) ?? 'removed channel',
    event: message.event,
    status: statusOf(message),
    attempts: message.attempts,
    last_attempt_at: message.last_attempt_at,
    next_attempt_at: message.next_attempt_at,
    error: message.error,
  }));
}

/** What became of a message so far. */
export function statusOf({
  delivered_at,
  failed_at,
}: Pick<OutboxRow, 'delivered_at' | 'failed_at'>): 'delivered' | 'failed' | 'waiting' {
  if (delivered_at) return 'delivered';
  return failed_at ? 'failed' : 'waiting';
}
