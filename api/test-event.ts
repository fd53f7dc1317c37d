import { randomUUID } from 'node:crypto';
import type { Attempt } from '#alerts/channels/channel.ts';
import { channels } from '#alerts/channels/index.ts';
import { testPayload } from '#alerts/notify/message.ts';
import type { ChannelRow } from '#store/state/channels.ts';
import { HttpProblem } from './problem.ts';
import type { Services } from './services.ts';

const TIMEOUT_MS = 10_000;

/** Sends a sample event through a channel now, once: the caller is waiting to see whether it works. */
export function sendTestEvent(row: ChannelRow, { nowMs, baseUrl, about }: Services): Promise<Attempt> {
  const channel = channels[row.kind];
  if (!channel) throw new HttpProblem(400, `Channels of kind "${row.kind}" are not known to this version.`);
  const id = randomUUID();
  const event = { id, body: JSON.stringify(testPayload(id, nowMs(), baseUrl())) };
  return channel.send(event, JSON.parse(row.settings), {
    secret: row.secret,
    now: nowMs,
    timeoutMs: TIMEOUT_MS,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    allowPrivateAddresses: about.localMode,
  });
}
