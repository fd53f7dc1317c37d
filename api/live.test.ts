import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LiveEvents } from '#contract/live.ts';
import { addIncident, updateIncident } from '#store/state/incidents.ts';
import { aboutGuarded, startTestApi, type TestApi } from '../test/support/api.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { callRow, scoreRow } from '../test/support/rows.ts';

type Client = Socket<LiveEvents, Record<never, never>>;

let engine: TestEngine;
let api: TestApi;
const clients: Client[] = [];

beforeAll(async () => {
  engine = await startTestEngine();
  api = await startTestApi(engine);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  await api?.stop();
  await engine?.stop();
});

function connect(url: string, options: object = {}): Promise<Client> {
  const client: Client = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...options,
  });
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('connect_error', reject);
  });
}

/** Connected, and told to ask once: whatever is stored from now on is news. */
async function watch(): Promise<Client> {
  const client: Client = io(api.url, { transports: ['websocket'], reconnection: false, forceNew: true });
  clients.push(client);
  await next(client, 'data');
  return client;
}

const next = <Name extends keyof LiveEvents>(client: Client, name: Name) =>
  new Promise<Parameters<LiveEvents[Name]>[0]>(resolve => (client as Socket).once(String(name), resolve));

test('a browser hears of stored calls and scores, and of nothing when nothing came', async () => {
  const client = await watch();
  let hints = 0;
  client.on('data', () => {
    hints += 1;
  });
  await sleep(1_200);
  expect(hints).toBe(0);

  const stored = next(client, 'data');
  await engine.clickhouse.insert('calls', [callRow({ at: '2026-11-20T10:00:00Z', span_id: 'a' })]);
  expect(Date.parse((await stored).until)).not.toBeNaN();
  const scored = next(client, 'data');
  await engine.clickhouse.insert('scores', [scoreRow({ at: '2026-11-20T10:00:05Z', score_id: 's' })]);
  await scored;
});

test('a browser hears of an incident that opened and of one that was acknowledged', async () => {
  const client = await watch();
  const opened = next(client, 'alert');
  await addIncident(api.state, {
    incident_id: 'i-1',
    project_id: 'default',
    feature: 'support',
    model: 'm',
    environment: 'production',
    metric: 'cost',
    direction: 'up',
    state: 'firing',
    changed_at: '2026-11-20T10:00:00.000Z',
    opened_at: '2026-11-20T11:00:00.000Z',
    resolved_at: null,
    acknowledged_by: null,
    acknowledged_at: null,
    snoozed_until: null,
    transitions: 1,
    evidence: '{}',
  });
  expect(await opened).toEqual({ id: 'i-1' });
  const taken = next(client, 'alert');
  await updateIncident(api.state, 'i-1', {
    acknowledged_by: 'ana',
    acknowledged_at: '2026-11-20T11:05:00.000Z',
  });
  expect(await taken).toEqual({ id: 'i-1' });
});

test('a page of another site gets no socket', async () => {
  await expect(connect(api.url, { extraHeaders: { origin: 'https://evil.example' } })).rejects.toThrow();
  await expect(connect(api.url, { extraHeaders: { host: 'evil.example' } })).rejects.toThrow();
  await connect(api.url, { extraHeaders: { origin: api.url } });
});

test('where a key is needed a socket needs it too', async () => {
  const adminKey = 'a-long-admin-key-0123456789';
  const guarded = await startTestApi(engine, { adminKey, about: aboutGuarded });
  try {
    await expect(connect(guarded.url)).rejects.toThrow('key');
    await expect(connect(guarded.url, { auth: { token: 'wrong' } })).rejects.toThrow('key');
    await connect(guarded.url, { auth: { token: adminKey } });
    await connect(guarded.url, { extraHeaders: { authorization: `Bearer ${adminKey}` } });
  } finally {
    await guarded.stop();
  }
});
