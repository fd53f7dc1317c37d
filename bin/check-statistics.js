#!/usr/bin/env node
// Checks the statistics against a file of worked cases: npm run check:statistics -- <file>
import { readFileSync } from 'node:fs';
import { checkCases } from '../dist/alerts/statistics/check-cases.js';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: npm run check:statistics -- <file>');
  process.exit(2);
}
try {
  const { cases, failures } = checkCases(JSON.parse(readFileSync(file, 'utf8')));
  for (const failure of failures) console.log(failure);
  console.log(`${cases - failures.length} of ${cases} within tolerance`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`${file}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
