import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs test/apps/<name> in its own process with these variables; what it printed as JSON on its last line. */
export async function runApp<T>(name: string, environment: Record<string, string>): Promise<T> {
  const file = fileURLToPath(new URL(`../apps/${name}`, import.meta.url));
  const { stdout } = await run(process.execPath, [file], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    timeout: 300_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
