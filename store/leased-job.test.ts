import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLeasedJob } from './leased-job.ts';
import { openState, type StateDb } from './state/open.ts';

let dataDir: string;
let state: StateDb;
let nowMs: number;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'driftline-leased-job-'));
  state = await openState({ dataDir });
  nowMs = Date.UTC(2026, 10, 21);
});
afterEach(async () => {
  await state.destroy();
  await rm(dataDir, { recursive: true });
});

const made: string[] = [];
const job = (who: string) =>
  startLeasedJob(
    { state, clock: { now: () => nowMs } },
    {
      name: 'a job',
      leaseMs: 60_000,
      everyMs: 60_000,
      timers: false,
      async round(mayGoOn) {
        if (await mayGoOn()) made.push(who);
      },
      failed() {},
    },
  );

test('one process does it, until it stops or its lease runs out; a stopped one does nothing more', async () => {
  const [first, second] = [job('first'), job('second')];
  await first.runOnce();
  await second.runOnce();
  expect(made).toEqual(['first']);
  await first.stop();
  await first.runOnce();
  await second.runOnce();
  expect(made).toEqual(['first', 'second']);
  // The second dies without a word.
  const third = job('third');
  nowMs += 59_000;
  await third.runOnce();
  expect(made).toEqual(['first', 'second']);
  nowMs += 2_000;
  await third.runOnce();
  expect(made).toEqual(['first', 'second', 'third']);
});
