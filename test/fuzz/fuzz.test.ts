import { expect, test } from 'vitest';
import { problemsOf, summary } from './fuzz-report.ts';
import { fuzzRun } from './fuzz-run.ts';

// `npm run test:fuzz -- --minutes 10` does the same for longer, and judges the latency of the good sender as well.
test('hostile input for some seconds: nothing crashes, hangs, grows or hinders a good sender', async () => {
  const report = await fuzzRun({ seconds: 6, seed: Number(process.env.DRIFTLINE_TEST_SEED ?? 20261121) });
  console.log(summary(report).join('\n'));
  const problems = problemsOf(report).filter(problem => !/p99/.test(problem));
  expect(problems).toEqual([]);
  expect(Object.values(report.decoders!.runs).every(count => count > 0)).toBe(true);
  expect(report.network.runs).toBeGreaterThan(100);
  expect(report.good!.acked).toBe(report.good!.sent);
});
