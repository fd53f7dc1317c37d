#!/usr/bin/env node
// How well changes are dated, over sizes of shift: npm run simulate:change-time [-- --seed 1 --streams 200 --wander 1]
import { parseArgs } from 'node:util';
import { driftMetrics } from '../dist/alerts/drift/metrics.js';
import { simulateChangeTimes } from '../dist/alerts/drift/simulate-change-time.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    streams: { type: 'string', default: '200' },
    wander: { type: 'string', default: '1' },
  },
});
const results = simulateChangeTimes({
  seed: Number(values.seed),
  streams: Number(values.streams),
  multiples: [2, 3, 4, 6, 8, 12],
  metrics: Object.keys(driftMetrics),
  wander: Number(values.wander),
});
console.log('shift/d0   found   covered   median error   median width');
for (const { multiple, found, covered, medianErrorHours, medianWidthHours } of results) {
  const share = `${(100 * covered).toFixed(1)} %`;
  console.log(
    `${String(multiple).padStart(8)}${String(found).padStart(8)}${share.padStart(10)}` +
      `${`${medianErrorHours} h`.padStart(15)}${`${medianWidthHours} h`.padStart(15)}`,
  );
}
const found = results.reduce((sum, result) => sum + result.found, 0);
const covered = results.reduce((sum, result) => sum + result.found * result.covered, 0) / found;
console.log(`the 90 % interval covers ${(100 * covered).toFixed(1)} % of ${found} changes`);
process.exitCode = covered >= 0.88 ? 0 : 1;
