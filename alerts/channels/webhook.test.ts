import { afterEach, expect, test } from 'vitest';
import {
  type Answers,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../test/support/webhook-receiver.ts';
import type { Attempt } from './channel.ts';
import { retryAfterMs } from './post.ts';
import { isPrivateAddress } from './private-addresses.ts';
import { newSecret } from './standard-webhooks.ts';
import { webhook } from './webhook.ts';

const open: WebhookReceiver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(receiver => receiver.stop()));
});

async function receiverThat(answers: Answers): Promise<WebhookReceiver> {
  const receiver = await startWebhookReceiver(answers);
  receiver.secret = newSecret();
  open.push(receiver);
  return receiver;
}

const now = () => Date.UTC(2026, 10, 2, 14, 2);

function sendTo(
  url: string,
  secret: string,
  options: { signal?: AbortSignal; allow?: boolean; timeoutMs?: number } = {},
): Promise<Attempt> {
  const context = {
    signing: [secret],
    now,
    timeoutMs: options.timeoutMs ?? 60_000,
    signal: options.signal ?? new AbortController().signal,
    allowPrivateAddresses: options.allow ?? true,
  };
  return webhook.send({ id: 'inc_1.1', body: '{"type":"test","text":"é"}' }, { url }, context);
}

test('an event arrives whole, with a signature the receiver can check', async () => {
  const receiver = await receiverThat(() => 200);
  expect(await sendTo(receiver.url, receiver.secret)).toEqual({
    outcome: 'delivered',
    status: 200,
    answer: null,
  });
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]).toMatchObject({
    id: 'inc_1.1',
    body: '{"type":"test","text":"é"}',
    signed: true,
  });
  expect(receiver.received[0]!.headers['webhook-timestamp']).toBe(String(now() / 1000));
});

test('an error answer is a failed attempt that keeps Retry-After', async () => {
  const receiver = await receiverThat(() => ({ status: 429, headers: { 'retry-after': '120' } }));
  expect(await sendTo(receiver.url, receiver.secret)).toMatchObject({
    outcome: 'failed',
    status: 429,
    retryAfterMs: 120_000,
  });
});

test('a redirect is not followed', async () => {
  const elsewhere = await receiverThat(() => 200);
  const receiver = await receiverThat(() => ({ status: 307, headers: { location: elsewhere.url } }));
  expect(await sendTo(receiver.url, receiver.secret)).toMatchObject({ outcome: 'failed', status: 307 });
  expect(elsewhere.received).toHaveLength(0);
});

test('410 says the receiver is gone for good', async () => {
  const receiver = await receiverThat(() => 410);
  expect(await sendTo(receiver.url, receiver.secret)).toMatchObject({ outcome: 'gone', status: 410 });
});

test('a receiver that hangs does not hold the program when it stops', async () => {
  const receiver = await receiverThat(() => 'hang');
  const stopping = new AbortController();
  const attempt = sendTo(receiver.url, receiver.secret, { signal: stopping.signal });
  await expect.poll(() => receiver.received.length).toBe(1);
  stopping.abort();
  expect(await attempt).toMatchObject({ outcome: 'failed', status: null });
});

test('a receiver that takes too long has failed', async () => {
  const receiver = await receiverThat(() => 'hang');
  expect(await sendTo(receiver.url, receiver.secret, { timeoutMs: 50 })).toMatchObject({
    outcome: 'failed',
    error: 'no answer within 0.05 s',
  });
});

test('nobody listening is a failed attempt', async () => {
  const receiver = await startWebhookReceiver();
  await receiver.stop();
  expect(await sendTo(receiver.url, newSecret())).toMatchObject({ outcome: 'failed', status: null });
});

test('without permission, addresses inside are refused before anything is sent', async () => {
  const receiver = await receiverThat(() => 200);
  const attempt = await sendTo(receiver.url, receiver.secret, { allow: false });
  expect(attempt).toMatchObject({ outcome: 'failed', error: '127.0.0.1 is a private address' });
  const byName = await sendTo(receiver.url.replace('127.0.0.1', 'localhost'), receiver.secret, {
    allow: false,
  });
  expect(byName).toMatchObject({ outcome: 'failed', error: expect.stringContaining('private address') });
  expect(receiver.received).toHaveLength(0);
});

test('private ranges in IPv4, IPv6 and mapped form', () => {
  for (const address of [
    '10.1.2.3',
    '169.254.169.254',
    '192.168.0.1',
    '::1',
    'fd00::1',
    'fe80::1',
    '::ffff:127.0.0.1',
  ]) {
    expect(isPrivateAddress(address), address).toBe(true);
  }
  for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1']) {
    expect(isPrivateAddress(address), address).toBe(false);
  }
});

test('settings that are not a web address are a failed attempt, not a crash', async () => {
  expect(await sendTo('ftp://example.org', newSecret())).toMatchObject({ outcome: 'failed', status: null });
});

test('Retry-After is seconds or a date', () => {
  expect(retryAfterMs('5', 0)).toBe(5000);
  expect(retryAfterMs('Mon, 02 Nov 2026 14:03:00 GMT', now())).toBe(60_000);
  expect(retryAfterMs('soon', 0)).toBeNull();
  expect(retryAfterMs(undefined, 0)).toBeNull();
});
