// Runs before `npm start` and `npm test`, with nothing installed: only Node's own modules may be imported here.
// Each step looks whether it is needed, so that a start with everything in place costs a few milliseconds.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const forTests = process.argv.includes('--test');
const BUILT = [
  'contract',
  'store',
  'ledger',
  'quality',
  'collector',
  'alerts',
  'api',
  'demo',
  'doctor',
  'web',
  'bin',
];
const STAMP = join(root, 'dist/.build/sources.sha256');

requireNode();
// Fetching a browser waits for the network and the disk, and needs nothing of what is installed and built meanwhile.
const browser = forTests && usesApt() && !findChromium() ? installChromiumByApt() : null;
if (!installed()) await install();
if (!built()) await build();
await browser;
if (forTests && !findChromium()) installChromium();

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Driftline needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

/** Whether node_modules holds what the lockfile names. */
function installed() {
  const have = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(have)) return false;
  const actual = JSON.parse(readFileSync(have, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || actual[path]?.version === version,
  );
}

async function install() {
  step('Installing packages (once, about a minute)');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

function built() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();
}

async function build() {
  step('Building');
  // Each checker works out for itself what it needs to know: more of them than cores are free make two cores work twice as long.
  const checkers = String(Math.max(1, Math.floor(availableParallelism() / 2)));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-b', '--checkers', checkers]);
  await run(process.execPath, [
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    '--config',
    'web/vite.config.ts',
    '--logLevel',
    'warn',
  ]);
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, fingerprint());
}

/** Hash of what the build reads: paths, sizes and times, not contents, to stay fast. */
function fingerprint() {
  const hash = createHash('sha256');
  const visit = path => {
    const stat = statSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else if (!/\.test\.tsx?$/.test(path)) hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
  };
  for (const name of readdirSync(root).sort()) {
    if (BUILT.includes(name) || /\.(ts|json)$/.test(name)) visit(join(root, name));
  }
  return hash.digest('hex');
}

function usesApt() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** Resolves when apt-get has ended, well or not: whether there is a browser then is seen by looking for it. */
async function installChromiumByApt() {
  step('Installing Chromium for the browser tests (once)');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = args =>
    new Promise(resolve => {
      const child = spawn('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
      child.once('close', resolve).once('error', resolve);
    });
  await aptGet(['update', '-qq']);
  await aptGet(['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
}

function installChromium() {
  if (!usesApt()) {
    step('Installing Chromium for the browser tests (once)');
    spawnSync(process.execPath, [join(root, 'node_modules/playwright-core/cli.js'), 'install', 'chromium'], {
      stdio: 'inherit',
    });
  }
  if (!findChromium()) {
    fail('The browser tests need Chromium and it could not be installed: install it, or set CHROMIUM_PATH.');
  }
}

async function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const [status, error] = await new Promise(resolve => {
    child.once('close', code => resolve([code])).once('error', why => resolve([null, why]));
  });
  if (status !== 0) fail(`${command} ${args[0]} failed${error ? `: ${error.message}` : ''}; see above.`);
}

/** Progress goes to standard error: standard output belongs to the program that starts next. */
function step(text) {
  process.stderr.write(`driftline: ${text} …\n`);
}

function fail(text) {
  process.stderr.write(`driftline: ${text}\n`);
  process.exit(1);
}
