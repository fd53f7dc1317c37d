import { randomUUID } from 'node:crypto';
import type { Attempt } from '#alerts/channels/channel.ts';
import { channelOf } from '#alerts/channels/index.ts';
import { configOf, signingOf } from '#alerts/notify/attempt.ts';
import { testPayload } from '#alerts/notify/message.ts';
import type { ChannelRow } from '#store/state/channels.ts';
import { noteSent } from '#store/state/notifications.ts';
import { HttpProblem } from './problem.ts';
import type { Services } from './services.ts';

const TIMEOUT_MS = 10_000;

/** Sends a sample event through a channel now, once: the caller is waiting to see whether it works. It is in the ledger like all others. */
export async function sendTestEvent(
  row: ChannelRow,
  { state, nowMs, baseUrl, about }: Services,
): Promise<Attempt> {
  const channel = channelOf(row.kind);
  if (!channel) throw new HttpProblem(400, `Channels of kind "${row.kind}" are not known to this version.`);
  const id = `test.${randomUUID()}`;
  const body = JSON.stringify(testPayload(id, nowMs(), baseUrl()));
  const created_at = new Date(nowMs()).toISOString();
  const attempt = await channel.send({ id, body }, configOf(row), {
    signing: signingOf(row, nowMs()),
    now: nowMs,
    timeoutMs: TIMEOUT_MS,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    allowPrivateAddresses: about.localMode,
    smtp: about.smtp,
  });
  await noteSent(
    state,
    { event_id: id, incident_id: id, channel_id: row.channel_id, event: 'test', payload: body, created_at },
    {
      ended_at: new Date(nowMs()).toISOString(),
      outcome: attempt.outcome,
      status: attempt.status,
      answer: attempt.answer ?? null,
      error: attempt.outcome === 'delivered' ? null : attempt.error,
    },
  );
  return attempt;
}
