import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openState, type StateDb } from '#store/state/open.ts';
import { type CallSeries, insertHistory } from '../../test/fixtures/call-history.ts';
import { quietLog, startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import type { AlertsDeps } from '../deps.ts';
import { alertDetail, listAlerts } from '../detail.ts';
import { startAlerts } from '../schedule.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const nowMs = Math.floor(Date.now() / dayMs - 1) * dayMs + 12 * hourMs;
const changeMs = nowMs - 24 * hourMs;

let engine: TestEngine;
let folder: string;
let state: StateDb;
let deps: AlertsDeps;

/** acme is easy and globex hard; calls are sent in the given numbers for 15 minutes. */
const traffic = (feature: string, acme: number, globex: number, worse = 0): CallSeries[] => {
  const model = 'gpt-5-mini';
  return [
    { feature, model, rate: acme, acmeShare: 1, quality: () => 0.92 - worse },
    { feature, model, rate: globex, acmeShare: 0, quality: () => 0.7 - worse },
  ];
};

/** Both lose quality: `moved` because globex sends more, `worse` because every answer is worse. */
beforeAll(async () => {
  engine = await startTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'driftline-mix-'));
  state = await openState({ dataDir: folder });
  deps = { clickhouse: engine.clickhouse, state, projectId: 'p', clock: { now: () => nowMs }, log: quietLog };
  const history = { projectId: 'p', seed: 5 };
  await insertHistory(engine.clickhouse, {
    ...history,
    fromMs: changeMs - 17 * dayMs,
    toMs: changeMs,
    series: [...traffic('moved', 3, 0.6), ...traffic('worse', 3, 0.6)],
  });
  await insertHistory(engine.clickhouse, {
    ...history,
    seed: 6,
    fromMs: changeMs,
    toMs: nowMs,
    series: [...traffic('moved', 2, 6), ...traffic('worse', 3, 0.6, 0.12)],
  });
  const alerts = startAlerts({
    ...deps,
    timers: false,
    options: { baseUrl: 'http://127.0.0.1:8080', allowPrivateAddresses: true },
  });
  await alerts.runOnce();
  await alerts.stop();
});
afterAll(async () => {
  await state.destroy();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

test('other traffic alone is shown and pages nobody, a regression fires', async () => {
  const { alerts } = await listAlerts(deps, { state: 'any', limit: 100 });
  expect(alerts.filter(({ state: stands }) => stands === 'firing').map(({ feature }) => feature)).toEqual([
    'worse',
  ]);
  const mixed = alerts.filter(one => one.traffic_mix);
  expect(mixed).toMatchObject([
    { feature: 'moved', title: expect.stringMatching(/^Traffic mix changed: Answer quality/) },
  ]);
  const detail = (await alertDetail(deps, mixed[0]!.id))!;
  expect(detail.timeline[0]!.text).toMatch(/^Traffic mix changed: .* Nobody was paged\.$/);
  const { verdict, split, moved } = detail.explanation!;
  expect(verdict).toBe('mix');
  expect(Math.abs(split!.mix + split!.within - split!.shift)).toBeLessThan(1e-9);
  expect(moved[0]).toMatchObject({ dimension: 'tenant' });
  expect(detail.deliveries).toEqual([]);
});
