import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openState, type StateDb } from '#store/state/open.ts';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { ledgerLease } from './lease.ts';
import { readPosition } from './position.ts';
import { createRollUp } from './roll-up.ts';

const hourMs = 3_600_000;
const nowMs = Math.floor(Date.now() / hourMs) * hourMs;
const hours = 150;
const recentHours = 48;
const calls = 20_000;

let engine: TestEngine;
let state: StateDb;
let dataDir: string;
let warnings: object[];
beforeAll(async () => {
  engine = await startTestEngine();
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-roll-up-'));
  state = await openState({ dataDir });
  // Nothing adds up with anything, so that a step is as large as its calls: many of the last two days, and one an hour before.
  await engine.clickhouse.command(
    `INSERT INTO calls (project_id, start_time, trace_id, span_id, tenant, cost_nanos, cost_by_kind, version)
     SELECT 'default', toDateTime64({now:UInt32} - 1800 - 3600 * if(number < {hours:UInt32}, number, number % {recent:UInt32}), 9, 'UTC'), leftPad(toString(number), 32, 'a'),
       toString(number), concat('tenant of some length ', toString(number)), 27000, map('input', 27000), 1
     FROM numbers({calls:UInt32})`,
    { now: nowMs / 1000, hours, recent: recentHours, calls },
    { settings: { readonly: '0' } },
  );
});
afterAll(async () => {
  await state?.destroy();
  await engine?.stop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  warnings = [];
  await engine.clickhouse.command('TRUNCATE TABLE spend_15m', {}, { settings: { readonly: '0' } });
  await state.deleteFrom('progress').execute();
});

function rollUpWith({ memoryBytes }: { memoryBytes?: number } = {}) {
  const log = { info() {}, error() {}, warn: (details: object) => void warnings.push(details) };
  const deps = {
    clickhouse: engine.clickhouse,
    state,
    projectId: 'default',
    clock: { now: () => nowMs },
    log,
  };
  return {
    ...createRollUp({ ...deps, ...(memoryBytes !== undefined && { memoryBytes }) }),
    lease: ledgerLease(deps),
  };
}

const booked = () =>
  engine.clickhouse.query(
    'SELECT sum(calls) AS calls, sum(cost_nanos) AS nanos, uniqExact(toStartOfHour(bucket)) AS hours FROM spend_15m',
  );
const whole = [{ calls: String(calls), nanos: String(27_000 * calls), hours: String(hours) }];

test('a step that takes too much memory is halved until it fits, and nothing is lost', async () => {
  const { rollUp, lease } = rollUpWith({ memoryBytes: 85_000_000 });
  expect(await rollUp({ lease })).toBe('done');
  await lease.giveBack();
  expect(warnings).not.toEqual([]);
  expect(await booked()).toEqual(whole);
});

test('with less than an hour takes, it says so, and all of it is still to be done', async () => {
  const { rollUp, lease } = rollUpWith({ memoryBytes: 1_000_000 });
  await expect(rollUp({ lease })).rejects.toMatchObject({ code: '241' });
  await lease.giveBack();
  expect((await readPosition(state, 'default')).pending.size).toBe(hours);
});

test('a long history waits until it is let through; the last two days do not', async () => {
  const { rollUp, lookAgain, lease } = rollUpWith();
  expect(await rollUp({ lease, mayWorkThroughHistory: async () => false })).toBe('recent');
  expect(await booked()).toMatchObject([{ hours: String(recentHours) }]);
  const { asOf, pending } = await readPosition(state, 'default');
  expect([asOf, pending.size]).toEqual([expect.any(String), hours - recentHours]);
  expect(await rollUp({ lease, mayWorkThroughHistory: async () => true })).toBe('done');
  await lease.giveBack();
  expect(await booked()).toEqual(whole);
  // What it found at first, though stored just before, is not found again.
  expect((await lookAgain()).pending.size).toBe(0);
});
