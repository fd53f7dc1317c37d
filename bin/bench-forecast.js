#!/usr/bin/env node
// Forecasts of days, weeks and months over made-up histories of 24 months: npm run bench:forecast -- [--seeds 9] [--every 13]
import { parseArgs } from 'node:util';
import { backTest, families } from '../dist/ledger/budget/back-test.js';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '9' }, every: { type: 'string', default: '13' } },
});
const options = { seeds: Number(values.seeds), everyDays: Number(values.every) };
const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`.padStart(8);
const none = { n: 0, inside: 0, below: 0, above: 0, width: 0 };
const all = { ...none };

console.log('family        forecasts   inside    below    above  mean width (P10 to P90)');
const byPeriod = { day: { ...none }, week: { ...none }, month: { ...none } };
for (const family of families) {
  const ofFamily = { ...none };
  for (const result of backTest(family, options)) {
    add(ofFamily, result);
    add(byPeriod[result.period], result);
  }
  print(family, ofFamily);
  add(all, ofFamily);
}
for (const period of Object.keys(byPeriod)) print(`each ${period}`, byPeriod[period]);
print('all', all);
const covered = all.inside / all.n;
const isGood = covered >= 0.75 && covered <= 0.85;
console.log(isGood ? 'the 80 % band covers 75 to 85 %' : 'the 80 % band does NOT cover 75 to 85 %');
process.exit(isGood ? 0 : 1);

function add(sum, result) {
  for (const key of Object.keys(sum)) sum[key] += result[key];
}

function print(name, { n, inside, below, above, width }) {
  const shares = [inside, below, above].map(part => percent(part, n)).join(' ');
  console.log(`${name.padEnd(12)} ${String(n).padStart(10)} ${shares} ${percent(width, n)}`);
}
