// `npm run lockfile`: writes package-lock.json anew and complete. A registry mirror that carries the packages of one
// platform only makes npm leave out those of the others, and `npm ci` then refuses the lockfile. Their exact versions
// are known from the packages that ask for them; os and cpu, by which npm skips them elsewhere, from their names.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const OS = [
  'darwin',
  'linux',
  'win32',
  'android',
  'freebsd',
  'openbsd',
  'netbsd',
  'sunos',
  'aix',
  'openharmony',
];
const CPU = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'mips64el', 'loong64', 'wasm32'];

// Without node_modules beside it, npm looks at the registry alone.
const folder = mkdtempSync(join(tmpdir(), 'driftline-lockfile-'));
cpSync(join(root, 'package.json'), join(folder, 'package.json'));
const options = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
const { status } = spawnSync('npm', options, { cwd: folder, stdio: 'inherit' });
if (status !== 0) process.exit(1);
const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
rmSync(folder, { recursive: true });

let added = 0;
for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (lock.packages[`node_modules/${name}`] || !/^\d/.test(version)) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(dev && { dev }),
      optional: true,
    };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${sorted.length - 1} packages, ${added} of other platforms added`);

function platformOf(name) {
  const words = name.split(/[-/]/);
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return {
    cpu: words.some(word => word.startsWith('arm') && word !== 'arm64')
      ? ['arm']
      : CPU.filter(cpu => words.includes(cpu)),
    ...(libc && { libc: [libc] }),
    ...(OS.some(os => words.includes(os)) && { os: OS.filter(os => words.includes(os)) }),
  };
}
