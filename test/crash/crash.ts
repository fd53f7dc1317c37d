import { parseArgs } from 'node:util';
import { crashRun } from './crash-run.ts';

/** `npm run test:crash -- --kills 200 --seed N`; the exit code is 1 when anything is lost, doubled or different. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '20261121' } },
  });
  const started = performance.now();
  const outcome = await crashRun({
    seed: Number(values.seed),
    kills: Number(values.kills),
    senders: 6,
    pauseMs: 150,
    report: line => console.log(line),
  });
  const { lost, doubled, differences, totals } = outcome;
  for (const [victim, count] of Object.entries(outcome.kills).sort()) console.log(`  ${count} × ${victim}`);
  for (const line of differences) console.log(line);
  const same = JSON.stringify(totals.crashed) === JSON.stringify(totals.undisturbed);
  const kills = Object.values(outcome.kills).reduce((sum, count) => sum + count, 0);
  console.log(
    `${kills} kills (seed ${values.seed}, ${Math.round((performance.now() - started) / 1000)} s): ` +
      `${outcome.ackedSpans} spans acknowledged in ${outcome.requests} requests and ${outcome.tries} tries, ` +
      `${lost.length} lost, ${doubled.length} doubled; ledger ${differences.length ? 'DIFFERS' : 'equal'}, ` +
      `totals ${same ? 'equal' : 'DIFFER'}`,
  );
  return lost.length || doubled.length || differences.length || !same ? 1 : 0;
}
