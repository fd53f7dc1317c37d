import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addChannel, changeChannel, getChannel } from '#store/state/channels.ts';
import { attemptsOf, countUndelivered, requeue } from '#store/state/notifications.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { claimDue, messagesOf, queueMessages } from '#store/state/outbox.ts';
import { quietLog } from '../../test/support/engine.ts';
import {
  type Answers,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../test/support/webhook-receiver.ts';
import { newSecret } from '../channels/standard-webhooks.ts';
import { createSender, type SenderDeps } from './outbox.ts';

const startMs = Date.UTC(2026, 10, 2, 14, 2);
let nowMs: number;
let folder: string;
let state: StateDb;
const receivers: WebhookReceiver[] = [];

beforeEach(async () => {
  nowMs = startMs;
  folder = await mkdtemp(join(tmpdir(), 'driftline-outbox-'));
  state = await openState({ dataDir: folder });
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map(receiver => receiver.stop()));
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

const iso = (ms: number) => new Date(ms).toISOString();

function sender(options: Partial<SenderDeps> = {}) {
  const clock = { now: () => nowMs };
  return createSender({
    state,
    clock,
    log: quietLog,
    random: () => 0.5,
    allowPrivateAddresses: true,
    ...options,
  });
}

async function channelTo(answers: Answers, id = 'ch_1'): Promise<WebhookReceiver> {
  const receiver = await startWebhookReceiver(answers);
  receivers.push(receiver);
  receiver.secret = newSecret();
  const settings = JSON.stringify({ url: receiver.url });
  await addChannel(state, {
    channel_id: id,
    kind: 'webhook',
    settings,
    secret: receiver.secret,
    enabled: 1,
    created_at: iso(startMs),
  });
  return receiver;
}

async function queue(eventId: string, options: { incident?: string; channel?: string } = {}): Promise<void> {
  await queueMessages(state, [
    {
      event_id: eventId,
      incident_id: options.incident ?? 'inc_1',
      channel_id: options.channel ?? 'ch_1',
      event: 'firing',
      payload: JSON.stringify({ type: 'incident.firing', event: eventId }),
      created_at: iso(nowMs),
    },
  ]);
}

describe('createSender', () => {
  test('a receiver that fails twice gets the same event a third time, and then no more', async () => {
    const receiver = await channelTo(n => (n < 2 ? 503 : 200));
    await queue('inc_1.1');
    const { sendDue } = sender();
    await sendDue();
    await sendDue();
    expect(receiver.received).toHaveLength(1);
    nowMs += 5000;
    await sendDue();
    nowMs += 30_000;
    await sendDue();
    nowMs += 3_600_000;
    await sendDue();
    expect(receiver.received.map(({ id, body, signed }) => ({ id, body, signed }))).toEqual(
      Array(3).fill({ id: 'inc_1.1', body: '{"type":"incident.firing","event":"inc_1.1"}', signed: true }),
    );
    const [message] = await messagesOf(state, 'inc_1');
    expect(message).toMatchObject({ attempts: 3, delivered_at: iso(startMs + 35_000), error: null });
  });

  test('news of one incident arrive in order, of different ones independently', async () => {
    const receiver = await channelTo(n => (n === 0 ? 500 : 200));
    await queue('inc_1.1');
    await queue('inc_1.2');
    await queue('inc_2.1', { incident: 'inc_2' });
    const { sendDue } = sender();
    await sendDue();
    expect(receiver.received.map(({ id }) => id)).toEqual(['inc_1.1', 'inc_2.1']);
    nowMs += 5000;
    await sendDue();
    expect(receiver.received.map(({ id }) => id)).toEqual(['inc_1.1', 'inc_2.1', 'inc_1.1', 'inc_1.2']);
  });

  test('a receiver that hangs does not hold up the others', async () => {
    const hanging = await channelTo(() => 'hang');
    const fine = await channelTo(() => 200, 'ch_2');
    await queue('inc_1.1');
    await queue('inc_1.1', { channel: 'ch_2' });
    // However long the one takes, the other is told meanwhile.
    const patient = sender({ timeoutMs: 600_000 });
    const round = patient.sendDue();
    await expect
      .poll(async () => (await messagesOf(state, 'inc_1')).map(({ delivered_at }) => delivered_at))
      .toEqual([null, expect.any(String)]);
    await expect.poll(() => [hanging.received.length, fine.received.length]).toEqual([1, 1]);
    await patient.stop();
    await round;
    nowMs += 60_000;
    await sender({ timeoutMs: 50 }).sendDue();
    expect((await messagesOf(state, 'inc_1'))[0]).toMatchObject({
      delivered_at: null,
      error: 'no answer within 0.05 s',
      next_attempt_at: iso(nowMs + 30_000),
    });
    expect(fine.received).toHaveLength(1);
  });

  test('410 switches the channel off and gives the message up', async () => {
    await channelTo(() => 410);
    await queue('inc_1.1');
    await sender().sendDue();
    expect(await getChannel(state, 'ch_1')).toMatchObject({ enabled: 0 });
    expect((await messagesOf(state, 'inc_1'))[0]).toMatchObject({ failed_at: iso(startMs) });
  });

  test('after the last attempt the message has failed, with the reason', async () => {
    const receiver = await channelTo(() => 500);
    await queue('inc_1.1');
    const { sendDue } = sender();
    for (let attempt = 0; attempt < 15; attempt += 1) {
      await sendDue();
      nowMs += 30 * 3_600_000;
    }
    expect(receiver.received).toHaveLength(11);
    const [message] = await messagesOf(state, 'inc_1');
    expect(message).toMatchObject({
      attempts: 11,
      delivered_at: null,
      error: 'the receiver answered 500, an error',
    });
    expect(message!.failed_at).not.toBeNull();
  });

  test('Retry-After puts the next attempt off', async () => {
    await channelTo(() => ({ status: 429, headers: { 'retry-after': '600' } }));
    await queue('inc_1.1');
    await sender().sendDue();
    expect((await messagesOf(state, 'inc_1'))[0]).toMatchObject({ next_attempt_at: iso(startMs + 600_000) });
  });

  test('a message whose sender died is sent when the lease ends, not before', async () => {
    const receiver = await channelTo(() => 200);
    await queue('inc_1.1');
    await claimDue(state, { now: iso(nowMs), leaseMs: 60_000, limit: 1 });
    const { sendDue } = sender();
    nowMs += 59_000;
    await sendDue();
    expect(receiver.received).toHaveLength(0);
    nowMs += 1000;
    await sendDue();
    expect(receiver.received).toHaveLength(1);
  });

  test('two senders at once send a message once', async () => {
    const receiver = await channelTo(() => 200);
    for (let n = 1; n <= 20; n += 1) await queue(`inc_${n}.1`, { incident: `inc_${n}` });
    await Promise.all([sender().sendDue(), sender().sendDue()]);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(20);
    expect(receiver.received).toHaveLength(20);
  });

  test('stopping ends an attempt under way and leaves the message due', async () => {
    const receiver = await channelTo(n => (n === 0 ? 'hang' : 200));
    await queue('inc_1.1');
    const first = sender();
    const sending = first.sendDue();
    await expect.poll(() => receiver.received.length).toBe(1);
    await first.stop();
    await sending;
    await sender().sendDue();
    expect(receiver.received).toHaveLength(2);
  });
});

describe('the ledger', () => {
  test('every attempt is there with its time, answer and the next one', async () => {
    await channelTo(n => (n === 0 ? { status: 429, headers: { 'retry-after': '90' } } : 204));
    await queue('inc_1.1');
    const { sendDue } = sender();
    await sendDue();
    nowMs += 90_000;
    await sendDue();
    const [message] = await messagesOf(state, 'inc_1');
    expect(await attemptsOf(state, [message!.outbox_id])).toMatchObject([
      {
        number: 1,
        at: iso(startMs),
        ended_at: iso(startMs),
        outcome: 'failed',
        status: 429,
        error: 'the receiver answered 429, an error',
        next_attempt_at: iso(startMs + 90_000),
      },
      { number: 2, at: iso(startMs + 90_000), outcome: 'delivered', status: 204, error: null },
    ]);
  });

  test('sent again by hand: the same id, and the whole schedule before it', async () => {
    const receiver = await channelTo(n => (n < 12 ? 500 : 204));
    await queue('inc_1.1');
    const { sendDue } = sender();
    for (let tries = 0; tries < 12; tries += 1) {
      await sendDue();
      nowMs += 30 * 3_600_000;
    }
    const [given] = await messagesOf(state, 'inc_1');
    expect(given).toMatchObject({ attempts: 11, delivered_at: null });
    expect(await countUndelivered(state, iso(startMs))).toBe(1);
    await requeue(state, given!.outbox_id, iso(nowMs));
    await sendDue();
    expect((await messagesOf(state, 'inc_1'))[0]).toMatchObject({ attempts: 12, failed_at: null });
    nowMs += 7000;
    await sendDue();
    expect((await messagesOf(state, 'inc_1'))[0]).toMatchObject({ attempts: 13, delivered_at: iso(nowMs) });
    expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set(['inc_1.1']));
    expect(await countUndelivered(state, iso(startMs))).toBe(0);
  });

  test('what is being sent is not sent again', async () => {
    await channelTo(() => 204);
    await queue('inc_1.1');
    const [claimed] = await claimDue(state, { now: iso(nowMs), leaseMs: 60_000, limit: 1 });
    expect(await requeue(state, claimed!.outbox_id, iso(nowMs))).toBeNull();
    expect(await requeue(state, 9999, iso(nowMs))).toBeNull();
  });
});

test('what cannot be delivered is told to the other channels, and that alone is not told again', async () => {
  await channelTo(() => 410);
  const other = await channelTo(() => 204, 'ch_2');
  const third = await channelTo(() => 500, 'ch_3');
  await queue('inc_1.1');
  const { sendDue } = sender();
  for (let tries = 0; tries < 12; tries += 1) {
    await sendDue();
    nowMs += 30 * 3_600_000;
  }
  expect(other.received).toHaveLength(1);
  expect(JSON.parse(other.received[0]!.body)).toMatchObject({
    type: 'delivery.undelivered',
    data: { id: 'undelivered.ch_1', detail: expect.stringContaining('410, gone') },
  });
  expect(await getChannel(state, 'ch_1')).toMatchObject({
    enabled: 0,
    disabled_reason: expect.stringContaining('410'),
  });
  expect(new Set(third.received.map(({ id }) => id)).size).toBe(1);
  expect(other.received).toHaveLength(1);
});

test('newer state replaces what was not sent yet, but never that it began', async () => {
  const receiver = await channelTo(n => (n === 0 ? 503 : 204));
  const { sendDue } = sender();
  const say = (n: number, event: string) =>
    queueMessages(state, [
      {
        event_id: `inc_1.${n}`,
        incident_id: 'inc_1',
        channel_id: 'ch_1',
        event,
        payload: '{}',
        created_at: iso(nowMs),
      },
    ]);
  await say(1, 'firing');
  await sendDue();
  await say(2, 'updated');
  await say(3, 'updated');
  await say(4, 'resolved');
  nowMs += 10_000;
  await sendDue();
  expect(receiver.received.map(({ id }) => id)).toEqual(['inc_1.1', 'inc_1.1', 'inc_1.4']);
  expect((await messagesOf(state, 'inc_1')).map(({ error }) => error)).toEqual([
    null,
    'replaced by newer state',
    'replaced by newer state',
    null,
  ]);
});

test('while a signing secret is replaced both sign; after a day only the new one', async () => {
  const receiver = await channelTo(() => 204);
  const [fresh, old] = [newSecret(), receiver.secret];
  const previous_until = iso(nowMs + 86_400_000);
  const secret = JSON.stringify({ values: {}, signing: [fresh, old], previous_until });
  await changeChannel(state, 'ch_1', { secret });
  await queue('inc_1.1');
  await sender().sendDue();
  expect(String(receiver.received[0]!.headers['webhook-signature']).split(' ')).toHaveLength(2);
  nowMs += 86_400_001;
  receiver.secret = fresh;
  await queue('inc_1.2');
  await sender().sendDue();
  expect(receiver.received[1]).toMatchObject({ signed: true });
});

test('what a channel does not take is not sent, and does not wait', async () => {
  await addChannel(state, {
    channel_id: 'ch_1',
    kind: 'pagerduty',
    settings: '{}',
    secret: JSON.stringify({ values: { routing_key: 'a'.repeat(32) }, signing: [], previous_until: null }),
    enabled: 1,
    created_at: iso(startMs),
  });
  const message = {
    event_id: 'e',
    incident_id: 'inc_1',
    channel_id: 'ch_1',
    event: 'note',
    created_at: iso(nowMs),
  };
  await queueMessages(state, [{ ...message, payload: '{"type":"incident.note"}' }]);
  await sender().sendDue();
  const [row] = await messagesOf(state, 'inc_1');
  expect(row).toMatchObject({ delivered_at: iso(nowMs) });
  expect(await attemptsOf(state, [row!.outbox_id])).toMatchObject([{ outcome: 'skipped' }]);
});
