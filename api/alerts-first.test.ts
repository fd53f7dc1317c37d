import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jobs } from '#alerts/commit.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { writeProgress } from '#store/state/progress.ts';
import { quietLog, startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { alertsFirst } from './alerts-first.ts';

let engine: TestEngine;
let state: StateDb;
let dataDir: string;
let uptimeMs = 0;
beforeAll(async () => {
  engine = await startTestEngine();
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-alerts-first-'));
  state = await openState({ dataDir });
});
afterAll(async () => {
  await state?.destroy();
  await engine?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const gate = () => {
  const deps = {
    clickhouse: engine.clickhouse,
    state,
    projectId: 'default',
    clock: { now: Date.now },
    log: quietLog,
  };
  return alertsFirst(deps, () => uptimeMs);
};

test('the ledger goes on with a history when alerts have rolled it up and evaluated it', async () => {
  const mayGoOn = gate();
  expect(await mayGoOn('1000')).toBe(false);
  await writeProgress(state, jobs.rolledUp, '999');
  await writeProgress(state, jobs.check, '1');
  expect(await mayGoOn('5000')).toBe(false);
  await writeProgress(state, jobs.rolledUp, '1500');
  expect(await mayGoOn('9000')).toBe(false);
  await writeProgress(state, jobs.check, '2');
  expect(await mayGoOn('9000')).toBe(true);
});

test('it waits a minute for an evaluation that decides nothing, and five for alerts that do not come', async () => {
  const mayGoOn = gate();
  expect(await mayGoOn('1000')).toBe(false);
  uptimeMs += 60_000;
  expect(await mayGoOn('1000')).toBe(true);
  expect(await mayGoOn('9999')).toBe(false);
  uptimeMs += 299_000;
  expect(await mayGoOn('9999')).toBe(false);
  uptimeMs += 1000;
  expect(await mayGoOn('9999')).toBe(true);
});
