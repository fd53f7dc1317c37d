import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addChannel } from '#store/state/channels.ts';
import { openState } from '#store/state/open.ts';
import { queueMessages } from '#store/state/outbox.ts';
import { quietLog } from '../../test/support/engine.ts';
import { seeded } from '../../test/support/seeded.ts';
import { startWebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { newSecret } from '../channels/standard-webhooks.ts';
import { deliveriesOf } from '../deliveries.ts';
import { createSender } from './outbox.ts';

const startMs = Date.UTC(2026, 10, 21, 9, 0);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const iso = (ms: number) => new Date(ms).toISOString();

/** What happens to three incidents while nobody listens, in minutes after the beginning. */
const events = [
  { incident: 'inc_1', event: 'firing', at: 1 },
  { incident: 'inc_2', event: 'firing', at: 90 },
  { incident: 'inc_1', event: 'resolved', at: 400 },
  { incident: 'inc_2', event: 'resolved', at: 1_000 },
  { incident: 'inc_3', event: 'firing', at: 1_380 },
];

test('webhook receiver down 24 h', async () => {
  let nowMs = startMs;
  const folder = await mkdtemp(join(tmpdir(), 'driftline-receiver-down-'));
  const state = await openState({ dataDir: folder });
  const receiver = await startWebhookReceiver(() => (nowMs < startMs + 24 * hourMs ? 503 : 204));
  try {
    receiver.secret = newSecret();
    await addChannel(state, {
      channel_id: 'ch_1',
      kind: 'webhook',
      settings: JSON.stringify({ url: receiver.url }),
      secret: receiver.secret,
      enabled: 1,
      created_at: iso(startMs),
    });
    const { next } = seeded(7);
    const sender = createSender({
      state,
      clock: { now: () => nowMs },
      log: quietLog,
      random: next,
      allowPrivateAddresses: true,
    });
    const runUntil = async (endMs: number) => {
      for (; nowMs < endMs; nowMs += 10 * minuteMs) {
        for (const { incident, event, at } of events) {
          const isNow = nowMs <= startMs + at * minuteMs && startMs + at * minuteMs < nowMs + 10 * minuteMs;
          if (!isNow) continue;
          await queueMessages(state, [
            {
              event_id: `${incident}.${event}`,
              incident_id: incident,
              channel_id: 'ch_1',
              event,
              payload: JSON.stringify({ type: `incident.${event}` }),
              created_at: iso(nowMs),
            },
          ]);
        }
        await sender.sendDue();
      }
    };

    await runUntil(startMs + 24 * hourMs);
    // Whoever looks meanwhile sees that it was tried, why it did not work and when it is tried next.
    const [first, second] = await deliveriesOf(state, 'inc_1');
    expect(first).toMatchObject({
      event: 'firing',
      status: 'waiting',
      error: 'the receiver answered 503, an error',
    });
    expect(first!.attempts).toBeGreaterThan(5);
    expect(Date.parse(first!.last_attempt_at!)).toBeLessThan(nowMs);
    expect(Date.parse(first!.next_attempt_at!)).toBeGreaterThanOrEqual(nowMs);
    // The news of one incident do not overtake each other.
    expect(second).toMatchObject({ event: 'resolved', status: 'waiting', attempts: 0 });
    const refused = receiver.received.length;

    await runUntil(startMs + 72 * hourMs);
    const taken = receiver.received.slice(refused).map(({ id }) => id);
    expect([...taken].sort()).toEqual(events.map(({ incident, event }) => `${incident}.${event}`).sort());
    for (const incident of ['inc_1', 'inc_2'])
      expect(taken.indexOf(`${incident}.firing`)).toBeLessThan(taken.indexOf(`${incident}.resolved`));
    for (const { incident } of events) {
      for (const delivery of await deliveriesOf(state, incident)) {
        expect(delivery).toMatchObject({ status: 'delivered', error: null, next_attempt_at: null });
      }
    }
    // An event keeps its id over all attempts, by which a receiver knows that it has it.
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(events.length);
    expect(receiver.received.every(({ signed }) => signed)).toBe(true);
    await sender.stop();
  } finally {
    await receiver.stop();
    await state.destroy();
    await rm(folder, { recursive: true, force: true });
  }
});
