import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { powerCutRun } from '../crash/power-cut-run.ts';
import { mountProblem } from '../support/loop-disk.ts';

const SEED = 20_261_121;

// `npm run test:power-cut -- --cuts 50` is the same at length.
test('power cut: nothing that was acknowledged is lost', async ({ annotate }) => {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-mount-'));
  const problem = mountProblem(folder);
  rmSync(folder, { recursive: true });
  if (problem !== null) {
    // Here it can only be seen that the harness says so, and in words.
    await annotate(`No power was cut. ${problem}`, 'warning');
    await expect(powerCutRun({ seed: SEED, cuts: 1, compare: false, report() {} })).rejects.toThrow(problem);
    return;
  }
  const outcome = await powerCutRun({ seed: SEED, cuts: 2, spansAtLeast: 251, compare: false, report() {} });
  expect(outcome).toMatchObject({ lost: [], doubled: [], lostState: [], brokenState: [] });
  expect(outcome.ackedSpans).toBeGreaterThan(500);
});
