#!/usr/bin/env node
// False alarms of the drift detector where nothing changes:
//   npm run simulate:null [-- --seed 1,2,3 --streams 200 --days 30 --budget 7 --wander 1 --rotate]
// One line a seed, then all of them together: the exit code follows that line. A run of its own with a single alarm would exceed its limit (4.7 of 4.3).
import { parseArgs } from 'node:util';
import { pooled, simulateNull } from '../dist/alerts/drift/simulate-null.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1,2,3' },
    streams: { type: 'string', default: '200' },
    days: { type: 'string', default: '30' },
    budget: { type: 'string' },
    wander: { type: 'string', default: '1' },
    rotate: { type: 'boolean', default: false },
  },
});
const runs = [];
for (const seed of values.seed.split(',').map(Number)) {
  const run = simulateNull({
    seed,
    streams: Number(values.streams),
    days: Number(values.days),
    ...(values.budget && { falseAlarmsPerWeek: Number(values.budget) }),
    wander: Number(values.wander),
    metrics: [],
    rotate: values.rotate,
  });
  runs.push(run);
  console.log(JSON.stringify({ seed, ...run }));
}
const all = pooled(runs);
if (runs.length > 1) console.log(JSON.stringify({ runs: runs.length, ...all }));
process.exitCode = all.within_budget ? 0 : 1;
