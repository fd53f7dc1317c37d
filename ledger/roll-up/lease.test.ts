import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openState, type StateDb } from '#store/state/open.ts';
import type { LedgerDeps } from '../deps.ts';
import { ledgerLease } from './lease.ts';

let state: StateDb;
let dataDir: string;
let nowMs = Date.parse('2026-11-21T10:00Z');
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-lease-'));
  state = await openState({ dataDir });
});
afterAll(async () => {
  await state?.destroy();
  await rm(dataDir, { recursive: true, force: true });
});

test('one process has it, another after that one gave it back or was silent for half a minute', async () => {
  const deps = { state, projectId: 'default', clock: { now: () => nowMs } } as LedgerDeps;
  const [one, other] = [ledgerLease(deps), ledgerLease(deps)];
  expect(await one.take()).toBe(true);
  expect(await one.take()).toBe(true);
  expect(await other.take()).toBe(false);
  await one.giveBack();
  expect(await other.take()).toBe(true);
  expect(await one.take()).toBe(false);
  nowMs += 31_000;
  expect(await one.take()).toBe(true);
  expect(await other.take()).toBe(false);
  await Promise.all([one.giveBack(), other.giveBack()]);
  expect(await other.take()).toBe(true);
  await other.giveBack();
});
