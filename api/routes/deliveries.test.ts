import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Delivery } from '#contract/delivery.ts';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { attachments, type Mailbox, startMailbox } from '../../test/support/mailbox.ts';
import { storeSpend } from '../../test/support/spend-rows.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../test/support/webhook-receiver.ts';

let engine: TestEngine;
let api: TestApi;
let mailbox: Mailbox;
let receiver: WebhookReceiver;
let answer = 204;
let nowMs = Date.parse('2026-10-20T12:00:00Z');

beforeAll(async () => {
  [engine, mailbox, receiver] = await Promise.all([
    startTestEngine(),
    startMailbox(),
    startWebhookReceiver(() => answer),
  ]);
  api = await startTestApi(engine, {
    now: () => nowMs,
    about: {
      version: '1.2.3',
      otlpHttpUrl: '',
      otlpGrpcUrl: '',
      keyRequired: false,
      localMode: true,
      privacy: { captureContent: 'on', isLoopback: true },
      reportingZone: 'Europe/Paris',
      smtp: { url: mailbox.url, from: 'Driftline <driftline@example.org>' },
    },
  });
  await storeSpend(engine.clickhouse, [
    { at: '2026-10-03T10:00:00Z', team: 'care', units_input: 100, nanos_input: 1_234_567_000_000 },
    { at: '2026-10-19T10:00:00Z', team: 'care', line: 'failed', units_input: 100, nanos_input: 5_000_000 },
  ]);
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([engine?.stop(), mailbox?.stop(), receiver?.stop()]);
});

async function create(body: object): Promise<Delivery & { secret: string | null }> {
  const made = await api.ask('POST', '/api/v1/deliveries', body);
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return made.body as unknown as Delivery & { secret: string | null };
}

async function read(id: string): Promise<Delivery> {
  const { body } = await api.ask('GET', '/api/v1/deliveries');
  return (body.deliveries as Delivery[]).find(one => one.id === id)!;
}

const monthlyFile = { name: 'October for finance', schedule: 'monthly', content: { kind: 'export' } };

test('a month is sent by e-mail when it is over, once, with the very file of the export', async () => {
  const made = await create({ ...monthlyFile, target: { kind: 'email', to: ['cfo@example.org'] } });
  expect(made).toMatchObject({ secret: null, next_at: '2026-11-01T05:00:00.000Z', runs: [] });
  await api.api.deliver();
  expect(mailbox.received).toHaveLength(0);

  nowMs = Date.parse('2026-11-01T05:00:00Z');
  await api.api.deliver();
  await api.api.deliver();
  expect(mailbox.received).toHaveLength(1);
  const [mail] = mailbox.received;
  expect(mail).toMatchObject({ from: 'driftline@example.org', to: ['cfo@example.org'] });
  expect(mail?.source).toContain('Subject: October for finance: 2026-10');
  const file = attachments(mail!).get('spend-2026-10.csv');
  const same = await (await api.fetch('/api/v1/export/spend?month=2026-10')).text();
  expect(file?.toString()).toBe(same);

  const [run] = (await read(made.id)).runs;
  expect(run).toMatchObject({
    period: '2026-10',
    asked: 'schedule',
    attempts: 1,
    delivered_at: '2026-11-01T05:00:00.000Z',
    error: null,
    file: {
      name: 'spend-2026-10.csv',
      bytes: same.length,
      sha256: createHash('sha256').update(same).digest('hex'),
    },
  });
  expect(mail?.source).toContain(`Message-ID: <${run?.id}@driftline>`);
  await api.ask('DELETE', `/api/v1/deliveries/${made.id}`);
});

test('a statement is sent now when asked, signed, and again until it arrives', async () => {
  const made = await create({
    name: 'Care',
    schedule: 'weekly',
    content: { kind: 'statement', by: 'team', value: 'care' },
    target: { kind: 'webhook', url: receiver.url },
  });
  receiver.secret = made.secret!;
  answer = 503;
  nowMs = Date.parse('2026-11-02T00:00:00Z');
  const asked = await api.ask('POST', `/api/v1/deliveries/${made.id}/send`);
  expect(asked.body).toMatchObject({ period: '2026-10-26/2026-11-01', asked: 'now', attempts: 0 });
  await api.api.deliver();
  let [run] = (await read(made.id)).runs;
  expect(run).toMatchObject({ attempts: 1, delivered_at: null, failed_at: null });
  expect(run?.error).toContain('503');

  answer = 200;
  await api.api.deliver();
  expect(receiver.received).toHaveLength(1);
  nowMs += 60_000;
  await api.api.deliver();
  [run] = (await read(made.id)).runs;
  expect(run).toMatchObject({ attempts: 2, next_attempt_at: null, error: null });
  expect(run?.delivered_at).not.toBeNull();

  const [first, second] = receiver.received;
  // Made anew for each attempt, under the same id.
  expect(second).toMatchObject({ id: first!.id, signed: true });
  const event = JSON.parse(second!.body);
  expect(event).toMatchObject({ type: 'spend.statement', data: { delivery: { name: 'Care' } } });
  // The week ended in November, so the statement is of November as far as it has come.
  expect(JSON.parse(event.data.file.content)).toMatchObject({ month: '2026-11', value: 'care' });
  expect(event.data.url).toContain('/statement?month=2026-11&team=care');
});

test('a statement by e-mail can be read as it is', async () => {
  const made = await create({
    name: 'Care, monthly',
    schedule: 'monthly',
    content: { kind: 'statement', by: 'team', value: 'care' },
    target: { kind: 'email', to: ['care@example.org'] },
  });
  mailbox.received.length = 0;
  mailbox.refuses = true;
  await api.ask('POST', `/api/v1/deliveries/${made.id}/send`);
  await api.api.deliver();
  expect((await read(made.id)).runs[0]).toMatchObject({ attempts: 1, error: expect.stringContaining('451') });
  mailbox.refuses = false;
  nowMs += 60_000;
  await api.api.deliver();
  const text = mailbox.received[0]?.source ?? '';
  expect(text).toMatch(/Answers +1,234\.57/);
  expect(text).toMatch(/Failed calls +0\.01/);
  expect(text).toMatch(/Total USD +1,234\.57/);
});

test('eleven failed attempts are enough, and a removed delivery is not sent', async () => {
  answer = 500;
  const target = { kind: 'webhook', url: receiver.url };
  const made = await create({ ...monthlyFile, target });
  await api.ask('POST', `/api/v1/deliveries/${made.id}/send`);
  for (let tries = 0; tries < 12; tries += 1) {
    await api.api.deliver();
    nowMs += 30 * 3_600_000;
  }
  const [run] = (await read(made.id)).runs.filter(({ asked }) => asked === 'now');
  expect(run).toMatchObject({ attempts: 11, next_attempt_at: null, delivered_at: null });
  expect(run?.failed_at).not.toBeNull();
  const ofIt = () => receiver.received.filter(({ body }) => body.includes(made.id)).length;
  const before = ofIt();
  await api.ask('POST', `/api/v1/deliveries/${made.id}/send`);
  expect((await api.ask('DELETE', `/api/v1/deliveries/${made.id}`)).status).toBe(200);
  await api.api.deliver();
  expect(ofIt()).toBe(before);
  expect((await api.ask('DELETE', `/api/v1/deliveries/${made.id}`)).status).toBe(404);
});

test.each([
  [{ ...monthlyFile, schedule: 'yearly', target: { kind: 'email', to: ['a@example.org'] } }, 'schedule'],
  [{ ...monthlyFile, target: { kind: 'email', to: ['not an address'] } }, 'target'],
  [{ ...monthlyFile, target: { kind: 'webhook', url: 'ftp://example.org' } }, 'target.url'],
])('%j is refused', async (body, name) => {
  const { status, body: problem } = await api.ask('POST', '/api/v1/deliveries', body);
  expect(status).toBe(400);
  expect(problem.detail).toContain(name);
});
