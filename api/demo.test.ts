import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCollector } from '#collector/run.ts';
import type { Collector } from '#collector/start.ts';
import { fromPackageRoot } from '#store/package-root.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { quiet, startTestApi, type TestApi } from '../test/support/api.ts';
import { eventually } from '../test/support/driftline.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { callRow } from '../test/support/rows.ts';
import type { ApiOptions } from './start.ts';

let engine: TestEngine;
let collector: Collector;
let collectorDir: string;
let state: StateDb;
let api: TestApi;

const about = {
  version: '1',
  otlpHttpUrl: '',
  otlpGrpcUrl: '127.0.0.1:1',
  keyRequired: false,
  localMode: true,
  privacy: { captureContent: 'on' as const, isLoopback: true },
  reportingZone: 'UTC',
};
const demo: ApiOptions['demo'] = {
  childFile: fromPackageRoot('dist/demo/child.js'),
  traffic: { historyDays: 1, tracesPerSecond: 5 },
};

beforeAll(async () => {
  engine = await startTestEngine();
  collectorDir = await mkdtemp(join(tmpdir(), 'driftline-demo-'));
  state = await openState({ dataDir: collectorDir });
  collector = await runCollector({
    dataDir: collectorDir,
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    state,
    storing: { clickhouse: engine.clickhouse },
    privacy: about.privacy,
    log: quiet,
  });
  about.otlpHttpUrl = collector.httpUrl;
  api = await startApi();
});
afterAll(async () => {
  await api?.stop();
  await collector?.stop();
  await state?.destroy();
  await engine?.stop();
  await rm(collectorDir, { recursive: true, force: true });
});

const startApi = () => startTestApi(engine, { about, demo, state, alerts: { checkEveryMs: 5_000 } });

const demoState = async () =>
  (await api.ask('GET', '/api/v1/onboarding')).body.demo as { state: string; progress: number };
const features = async () => {
  const { body } = await api.ask('GET', '/api/v1/measures?measures=calls&group_by=feature&from=now-2d');
  return (body.rows as { feature: string; calls: number }[]).map(({ feature }) => feature);
};
const tables = ['spans', 'calls', 'tool_calls', 'scores', 'contents', 'logs'];
const counts = () => Promise.all(tables.map(rowsOf));
const rolledUp = () =>
  engine.clickhouse.query(
    "SELECT DISTINCT feature FROM call_stats_15m FINAL WHERE n > 0 AND feature != 'shop'",
  );
async function rowsOf(table: string): Promise<number> {
  const [row] = await engine.clickhouse.query<{ n: string }>(`SELECT count() AS n FROM ${table}`);
  return Number(row?.n);
}

test('the demo fills, goes live, and leaves nothing behind when it is removed', async () => {
  const own = callRow({
    at: new Date(Date.now() - 3_600_000).toISOString(),
    span_id: 'own',
    feature: 'shop',
  });
  await engine.clickhouse.insert('calls', [own]);

  expect(await api.ask('POST', '/api/v1/demo')).toEqual({ status: 200, body: { state: 'filling' } });
  expect((await api.ask('POST', '/api/v1/demo')).status).toBe(200);
  await eventually(demoState, ({ state }) => state === 'live');
  await eventually(features, names => names.length === 5);
  const before = await counts();
  // Live traffic keeps coming.
  await eventually(counts, now => now[0]! > before[0]!);

  // The API comes back: the demo goes on, without its history again.
  await api.stop();
  api = await startApi();
  expect(await demoState()).toEqual({ state: 'live', progress: 1 });
  const resumed = await counts();
  await eventually(counts, now => now[0]! > resumed[0]!);
  const roots =
    "SELECT count() AS n FROM spans WHERE parent_span_id = '' AND start_time < now() - INTERVAL 1 HOUR";
  const [history] = await engine.clickhouse.query<{ n: string }>(roots);
  expect(Number(history?.n)).toBeLessThan(1200);

  // It was rolled up as well.
  await eventually(rolledUp, rows => rows.length > 0);

  expect(await api.ask('DELETE', '/api/v1/demo')).toEqual({ status: 200, body: { state: 'off' } });
  expect(await demoState()).toEqual({ state: 'off', progress: 0 });
  expect(await features()).toEqual(['shop']);
  expect(await counts()).toEqual([0, 1, 0, 0, 0, 0]);
  expect(await rolledUp()).toEqual([]);
});
