import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addChannel } from '#store/state/channels.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { queueMessages } from '#store/state/outbox.ts';
import { readProgress } from '#store/state/progress.ts';
import { insertHistory } from '../test/fixtures/call-history.ts';
import { quietLog, startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { startWebhookReceiver } from '../test/support/webhook-receiver.ts';
import { newSecret } from './channels/standard-webhooks.ts';
import { jobs } from './commit.ts';
import { listAlerts } from './detail.ts';
import { historyArrives, rollUp } from './roll-up.ts';
import { startAlerts } from './schedule.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Math.floor(Date.now() / dayMs) * dayMs;

let engine: TestEngine;
let folder: string;
let state: StateDb;
beforeAll(async () => {
  engine = await startTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'driftline-schedule-'));
  state = await openState({ dataDir: folder });
});
afterAll(async () => {
  await state.destroy();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

const depsOf = (projectId: string) => ({
  clickhouse: engine.clickhouse,
  state,
  projectId,
  clock: { now: () => nowMs },
  log: quietLog,
});

test('left alone it checks and sends by itself, and stops when told to', async () => {
  const receiver = await startWebhookReceiver();
  receiver.secret = newSecret();
  const created_at = new Date(nowMs).toISOString();
  const settings = JSON.stringify({ url: receiver.url });
  await addChannel(state, {
    channel_id: 'ch_1',
    kind: 'webhook',
    settings,
    secret: receiver.secret,
    enabled: 1,
    created_at,
  });
  const changed: string[] = [];
  const alerts = startAlerts({
    ...depsOf('empty'),
    onChange: id => changed.push(id),
    options: { baseUrl: 'http://127.0.0.1', allowPrivateAddresses: true, checkEveryMs: 20, sendEveryMs: 20 },
  });
  const message = {
    event_id: 'inc_1.0001',
    incident_id: 'inc_1',
    channel_id: 'ch_1',
    event: 'firing',
    payload: '{}',
  };
  await queueMessages(state, [{ ...message, created_at }]);
  await expect.poll(() => receiver.received.length).toBe(1);
  await expect.poll(() => readProgress(state, jobs.evaluatedUntil)).not.toBeNull();
  await alerts.stop();
  expect(receiver.received[0]).toMatchObject({ id: 'inc_1.0001', signed: true });
  expect(changed).toContain('inc_1');
  await receiver.stop();
});

test('too little data is learning: no incident, and nothing counts as watched', async () => {
  const deps = depsOf('young');
  const series = [
    { feature: 'new', model: 'm', rate: 3, quality: (at: number) => (at > nowMs - dayMs ? 0.2 : 0.9) },
  ];
  await insertHistory(engine.clickhouse, {
    projectId: 'young',
    fromMs: nowMs - 6 * dayMs,
    toMs: nowMs,
    seed: 3,
    series,
  });
  const options = { baseUrl: 'http://127.0.0.1', allowPrivateAddresses: true };
  const alerts = startAlerts({ ...deps, timers: false, options });
  await alerts.runOnce();
  await alerts.stop();
  const { alerts: listed, watching } = await listAlerts(deps, { state: 'any', limit: 10 });
  expect(listed).toEqual([]);
  expect(watching).toMatchObject({ series: 0, learning: 7 });
});

test('history that is still being stored is said to be, newest traffic is not', async () => {
  const deps = depsOf('import');
  const series = [{ feature: 'old', model: 'm', rate: 3, quality: () => 0.9 }];
  await insertHistory(engine.clickhouse, {
    projectId: 'import',
    fromMs: nowMs - 3 * dayMs,
    toMs: nowMs - 2 * dayMs,
    seed: 4,
    series,
  });
  expect(await historyArrives(deps)).toBe(true);
  expect(await rollUp(deps)).toBe(true);
  const live = depsOf('live');
  await insertHistory(engine.clickhouse, {
    projectId: 'live',
    fromMs: nowMs - hourMs,
    toMs: nowMs,
    seed: 5,
    series,
  });
  expect(await historyArrives(live)).toBe(false);
  expect(await rollUp(live)).toBe(false);
});
