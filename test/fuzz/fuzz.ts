import { parseArgs } from 'node:util';
import { problemsOf, summary } from './fuzz-report.ts';
import { fuzzRun } from './fuzz-run.ts';

/** `npm run test:fuzz -- --minutes 10 --seed 1`: hostile input for so long; 1 when something must be mended. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '20261121' } },
  });
  const report = await fuzzRun({ seconds: Number(values.minutes) * 60, seed: Number(values.seed) });
  for (const line of summary(report)) console.log(line);
  const problems = problemsOf(report);
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}
