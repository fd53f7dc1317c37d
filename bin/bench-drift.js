#!/usr/bin/env node
// Scores the drift methods on a benchmark folder, whose format is told by its files: npm run bench:drift -- <folder> [--rolling]
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scoreNab } from '../dist/alerts/benchmarks/nab.js';
import { scoreTcpd } from '../dist/alerts/benchmarks/tcpd.js';
import { scoreTraffic } from '../dist/alerts/drift/benchmark.js';

/** The file that only this format has, and its scorer. */
const formats = [
  { name: 'llm-traffic', file: 'streams.json', score: scoreTraffic },
  { name: 'nab', file: 'windows.json', score: scoreNab },
  { name: 'tcpd', file: 'annotations.json', score: scoreTcpd },
];

const [folder, ...flags] = process.argv.slice(2);
if (!folder) {
  console.error('usage: npm run bench:drift -- <folder> [--rolling]');
  process.exit(2);
}
const format = formats.find(({ file }) => existsSync(join(folder, file)));
if (format === undefined) {
  const known = formats.map(({ name, file }) => `${file} (${name})`).join(', ');
  console.error(`${folder}: not a known benchmark folder, none of ${known} is there`);
  process.exit(2);
}
try {
  console.log(JSON.stringify(format.score(folder, { rolling: flags.includes('--rolling') })));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
