#!/usr/bin/env node
// Scores the drift detector on a benchmark folder: npm run bench:drift -- <folder> [--rolling]
import { basename, resolve } from 'node:path';
import { scoreTraffic } from '../dist/alerts/drift/benchmark.js';

const [folder, ...flags] = process.argv.slice(2);
if (!folder) {
  console.error('usage: npm run bench:drift -- <folder> [--rolling]');
  process.exit(2);
}
if (['nab', 'tcpd'].includes(basename(resolve(folder)))) {
  console.error(`${basename(resolve(folder))}: not supported yet`);
  process.exit(2);
}
try {
  console.log(JSON.stringify(scoreTraffic(folder, { rolling: flags.includes('--rolling') })));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
