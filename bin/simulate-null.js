#!/usr/bin/env node
// False alarms of the drift detector where nothing changes:
//   npm run simulate:null [-- --seed 1 --streams 200 --days 30 --budget 7 --wander 1 --rotate]
import { parseArgs } from 'node:util';
import { simulateNull } from '../dist/alerts/drift/simulate-null.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    streams: { type: 'string', default: '200' },
    days: { type: 'string', default: '30' },
    budget: { type: 'string' },
    wander: { type: 'string', default: '1' },
    rotate: { type: 'boolean', default: false },
  },
});
const result = simulateNull({
  seed: Number(values.seed),
  streams: Number(values.streams),
  days: Number(values.days),
  ...(values.budget && { falseAlarmsPerWeek: Number(values.budget) }),
  wander: Number(values.wander),
  metrics: [],
  rotate: values.rotate,
});
console.log(JSON.stringify(result));
process.exitCode = result.within_budget ? 0 : 1;
