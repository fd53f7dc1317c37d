import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { migrate } from '../../store/engine/migrate.ts';
import { startEngine } from '../../store/engine/supervise.ts';
import { fromPackageRoot } from '../../store/package-root.ts';

const run = promisify(execFile);
const quietLog = { info() {}, warn() {}, error() {} };

/**
 * A temporary data folder whose engine has the newest schema already, as after a stop: creating every table anew costs each
 * start seven times what starting costs. The caller removes it.
 */
export async function preparedDataDir(prefix: string): Promise<string> {
  const prepared = await prepare();
  const dataDir = mkdtempSync(join(tmpdir(), prefix));
  await run('cp', ['-R', `${prepared}/.`, dataDir]);
  return dataDir;
}

/** Made by whoever needs it first, and again after the schema or the engine has changed. */
async function prepare(): Promise<string> {
  const kept = fromPackageRoot(`dist/.test-engine/${fingerprint()}`);
  if (existsSync(kept)) return kept;
  mkdirSync(fromPackageRoot('dist/.test-engine'), { recursive: true });
  const dataDir = mkdtempSync(`${kept}-`);
  const engine = await startEngine({ dataDir, maxMemoryBytes: 1e9, log: quietLog });
  try {
    await engine.ready;
    await migrate(engine);
  } finally {
    await engine.stop();
  }
  for (const own of ['password', 'owner.json', 'config.xml', 'users.xml']) {
    rmSync(join(dataDir, 'clickhouse', own), { force: true });
  }
  try {
    renameSync(dataDir, kept);
  } catch (error) {
    // Another worker was first.
    if (!existsSync(kept)) throw error;
    rmSync(dataDir, { recursive: true });
  }
  return kept;
}

function fingerprint(): string {
  const hash = createHash('sha256').update(readFileSync(fromPackageRoot('node_modules/chdb/package.json')));
  const schema = fromPackageRoot('store/schema');
  for (const name of readdirSync(schema).sort()) hash.update(name).update(readFileSync(join(schema, name)));
  return hash.digest('hex').slice(0, 16);
}
