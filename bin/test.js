// Runs the whole suite and ends with one plain line. A skipped test counts as a failure: nothing is left out in silence.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'driftline-test-'));
const report = join(folder, 'report.json');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [
    vitest,
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);

const outcome = readReport();
rmSync(folder, { recursive: true });
const { passed, failed, skipped } = outcome;
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exit(status === 0 && failed === 0 && skipped === 0 && passed > 0 ? 0 : 1);

function readReport() {
  try {
    const read = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = read.numPendingTests + read.numTodoTests;
    // A file that fails to load has no tests of its own to count.
    const unloaded = read.testResults.filter(
      file => file.status === 'failed' && !file.assertionResults.length,
    ).length;
    return { passed: read.numPassedTests, failed: read.numFailedTests + unloaded, skipped };
  } catch (error) {
    console.error(`The test report could not be read: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
