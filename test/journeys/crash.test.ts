import { expect, test } from 'vitest';
import { crashRun } from '../crash/crash-run.ts';

const SEED = Number(process.env.CRASH_SEED ?? 20_261_121);

// `npm run test:crash -- --kills 200` is the same at length.
test('kill -9 at any moment, random or named, loses nothing and doubles nothing', async () => {
  const outcome = await crashRun({
    ...{ seed: SEED, kills: 6, senders: 4, pauseMs: 100, spansAtLeast: 2_001 },
    report() {},
  });
  const killed = Object.values(outcome.kills).reduce((sum, count) => sum + count, 0);
  expect(killed).toBe(7);
  expect(Object.keys(outcome.kills).filter(victim => victim.includes(' at ')).length).toBeGreaterThan(0);
  expect(outcome.tries).toBeGreaterThan(outcome.requests);
  expect(outcome.ackedSpans).toBeGreaterThan(2_000);
  expect(outcome.lost).toEqual([]);
  expect(outcome.doubled).toEqual([]);
  expect(outcome.differences).toEqual([]);
  expect(outcome.totals.crashed).toEqual(outcome.totals.undisturbed);
});
