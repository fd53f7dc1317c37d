import { parseArgs } from 'node:util';
import { powerCutRun } from './power-cut-run.ts';

/** `npm run test:power-cut -- --cuts 50`, as root on Linux; the exit code is 1 when anything acknowledged is lost. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { cuts: { type: 'string', default: '50' }, seed: { type: 'string', default: '20261121' } },
  });
  const started = performance.now();
  const outcome = await powerCutRun({
    seed: Number(values.seed),
    cuts: Number(values.cuts),
    report: line => console.log(line),
  });
  const { lost, doubled, lostState, brokenState, differences } = outcome;
  for (const line of [...lostState, ...brokenState, ...differences]) console.log(line);
  console.log(
    `${outcome.cuts} power cuts (seed ${values.seed}, ${Math.round((performance.now() - started) / 1000)} s): ` +
      `${outcome.ackedSpans} spans acknowledged in ${outcome.requests} requests, ${lost.length} lost, ` +
      `${doubled.length} doubled; state ${lostState.length || brokenState.length ? 'DAMAGED' : 'whole'}, ` +
      `ledger ${differences.length ? 'DIFFERS' : 'equal'}`,
  );
  return [lost, doubled, lostState, brokenState, differences].some(list => list.length > 0) ? 1 : 0;
}
