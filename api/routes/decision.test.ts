import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromPackageRoot } from '#store/package-root.ts';
import { openState, type StateDb } from '#store/state/open.ts';
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

describe('answered by a thread of their own', () => {
  let folder: string;
  let state: StateDb;
  let front: TestApi;
  const headers = { authorization: `Bearer ${adminKey}` };
  const say = (path: string, ...more: string[]) =>
    [`GET ${path} HTTP/1.1`, 'host: x', `authorization: Bearer ${adminKey}`, ...more, '', ''].join('\r\n');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driftline-decisions-'));
    state = await openState({ dataDir: folder });
    const position = { storedUpTo: '1', pending: {}, asOf: new Date().toISOString(), backfillHours: 0 };
    await writeProgress(state, 'spend default', JSON.stringify(position));
    const { url, user, password } = engine;
    front = await startTestApi(engine, {
      adminKey,
      about: { ...baseAbout, localMode: false },
      state,
      decisions: {
        file: fromPackageRoot('dist/api/decisions/thread.js'),
        dataDir: folder,
        clickhouse: { url, user, password },
      },
    });
  });
  afterAll(async () => {
    await front?.stop();
    await state.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  /** Everything that comes back on one connection that is closed after `parts` were sent. */
  async function converse(...parts: string[]): Promise<string> {
    const { hostname, port } = new URL(front.url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let said = '';
    socket.setEncoding('utf8').on('data', part => {
      said += part;
    });
    const closed = once(socket, 'close');
    for (const part of parts) {
      socket.write(part);
      await sleep(5);
    }
    await closed;
    return said;
  }

  test('a new ceiling holds at once, and what is leased is shown', async () => {
    const made = await front.fetch('/api/v1/budgets', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'Zürich',
        amount_usd: '10',
        period: 'day',
        ceiling: { deny_at_percent: 100, lease_usd: '1' },
      }),
    });
    expect(made.status).toBe(200);
    const answer = await front.fetch('/api/v1/decision?amount_usd=0.5', { headers });
    expect(await answer.json()).toMatchObject({
      decision: 'allow',
      budget: { name: 'Zürich' },
      lease: { amount_usd: '0.500000000' },
    });
    const { keys } = (await (await front.fetch('/api/v1/decision/keys', { headers })).json()) as {
      keys: { kid: string }[];
    };
    expect(keys).toHaveLength(1);
    await front.api.checkAlerts();
    const shown = (await (await front.fetch('/api/v1/budgets', { headers })).json()) as {
      budgets: { state: { ceiling: object } }[];
    };
    expect(shown.budgets[0]!.state.ceiling).toMatchObject({ reserved_usd: '0.500000000' });
  });

  test('they are answered while the API is kept from answering anything', () => {
    const ask =
      'fetch(process.argv[1], { headers: { authorization: process.argv[2] } })' +
      '.then(answer => answer.json()).then(({ decision }) => console.log(decision))';
    // Waits in this thread, which is the one that runs the API.
    const said = execFileSync(
      process.execPath,
      ['-e', ask, `${front.url}/api/v1/decision`, headers.authorization],
      { encoding: 'utf8', timeout: 300_000 },
    );
    expect(said.trim()).toBe('allow');
  });

  test('one connection may ask for decisions and then for anything else, in any pieces', async () => {
    const decision = say('/api/v1/decision?feature=x');
    const said = await converse(
      decision.slice(0, 7),
      decision.slice(7, 60),
      decision.slice(60) + decision,
      say('/api/v1/decision?featrue=x') + say('/api/v1/health'),
      say('/api/v1/decision', 'connection: close'),
    );
    const heads = said.match(/HTTP\/1\.1 \d+/g);
    expect(heads).toEqual([200, 200, 400, 200, 200].map(status => `HTTP/1.1 ${status}`));
    expect(said.match(/"decision":"allow"/g)).toHaveLength(3);
    expect(said).toMatch('no such parameter');
  });

  test('what is not a question for a decision gets the answer of the API', async () => {
    const bare = 'GET /api/v1/decision HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
    expect(await converse(bare)).toMatch(/^HTTP\/1\.1 401 /);
    expect(await converse('GET /api/v1/decision HTTP/1.1\nhost: x\n\n')).toMatch(/^HTTP\/1\.1 4/);
    expect(await converse('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    const long = await front.fetch('/api/v1/scores', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: `"${'x'.repeat(9_000_000)}"`,
    });
    expect(long.status).toBe(413);
    expect((await front.fetch('/api/v1/decision', { method: 'POST', headers })).status).toBe(405);
  });
});

test('the client spends from its lease while Driftline is away, then falls back', async () => {
  const patient = { timeoutMs: 60_000, fallback: 'deny' } as const;
  const client = new CeilingClient({ url: api.url, now, leaseUsd: '0.05', ...patient });
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
