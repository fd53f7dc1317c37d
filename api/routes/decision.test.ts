import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeProgress } from '#store/state/progress.ts';
import { CeilingClient } from '../../examples/ceiling-client/ceiling-client.js';
import { verifyLease } from '../../examples/ceiling-client/verify-lease.js';
import { startTestApi, type TestApi } from '../../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';

let engine: TestEngine;
let api: TestApi;
const nowMs = Date.parse('2026-11-21T10:00:00Z');
const now = () => nowMs;
const adminKey = 'a-long-admin-key';
const about = { feature: 'chat' };

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine, { now, adminKey });
  const position = { storedUpTo: '1', pending: {}, asOf: new Date(nowMs).toISOString(), backfillHours: 0 };
  await writeProgress(api.state, 'spend default', JSON.stringify(position));
  const { status } = await api.ask('POST', '/api/v1/budgets', {
    name: 'Chat',
    amount_usd: '10',
    period: 'day',
    ceiling: { deny_at_percent: 100, lease_usd: '1' },
  });
  expect(status).toBe(200);
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

test('a lease is verified offline; a forged or expired one is not', async () => {
  const { body } = await api.ask('GET', '/api/v1/decision?feature=chat&amount_usd=0.25');
  const { token } = body.lease as { token: string };
  const { keys } = (await api.ask('GET', '/api/v1/decision/keys')).body as { keys: { kid: string }[] };
  expect(verifyLease(token, keys, nowMs)).toMatchObject({
    iss: 'driftline',
    project: 'default',
    about: { feature: 'chat' },
    amount_usd: '0.250000000',
    decision: 'allow',
  });
  expect(() => verifyLease(token, keys, nowMs + 61_000)).toThrow('expired');
  const [header, claims, signature] = token.split('.');
  const more = JSON.parse(Buffer.from(claims!, 'base64url').toString()) as object;
  const forged = Buffer.from(JSON.stringify({ ...more, amount_usd: '99' })).toString('base64url');
  expect(() => verifyLease(`${header}.${forged}.${signature}`, keys, nowMs)).toThrow('forged');
});

test('only callers with a key are answered outside local mode, and nonsense is refused', async () => {
  expect((await api.ask('GET', '/api/v1/decision?amount_usd=-1')).status).toBe(400);
  expect((await api.ask('GET', '/api/v1/decision?featrue=chat')).body.detail).toMatch('no such parameter');
  expect((await api.ask('POST', '/api/v1/decision')).status).toBe(405);
  const about = { ...baseAbout, localMode: false };
  const guarded = await startTestApi(engine, { now, adminKey, about });
  expect((await guarded.fetch('/api/v1/decision')).status).toBe(401);
  const headers = { authorization: `Bearer ${adminKey}` };
  expect((await guarded.fetch('/api/v1/decision', { headers })).status).toBe(200);
  await guarded.stop();
});

const baseAbout = {
  version: '1.2.3',
  otlpHttpUrl: 'http://127.0.0.1:4318',
  otlpGrpcUrl: '127.0.0.1:4317',
  keyRequired: false,
  localMode: true,
  privacy: { captureContent: 'on' as const, isLoopback: true },
  reportingZone: 'UTC',
};

test('the client spends from its lease while Driftline is away, then falls back', async () => {
  const client = new CeilingClient({ url: api.url, fallback: 'deny', now, leaseUsd: '0.05' });
  const answers = await Promise.all(Array.from({ length: 3 }, () => client.check(about, 0.01)));
  expect(answers.map(({ decision }) => decision)).toEqual(['allow', 'allow', 'allow']);
  answers[0]!.settle(0.02);

  const away = new CeilingClient({ url: 'http://127.0.0.1:9', fallback: 'allow', now });
  expect(await away.check(about, 0.01)).toMatchObject({ decision: 'allow', source: 'fallback' });

  await api.api.stop();
  // Three calls took 0.03 and one came to 0.01 more: one is left.
  expect(await client.check(about, 0.01)).toMatchObject({ decision: 'allow', source: 'lease' });
  expect(await client.check(about, 0.01)).toMatchObject({ decision: 'deny', source: 'fallback' });
});
