import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fromPackageRoot } from '#store/package-root.ts';
import type { Target } from './senders.ts';

/** A Driftline of our own on a folder and ports of its own. */
export interface OwnDriftline {
  target: Target;
  dataDir: string;
  standardError(): string;
  stop(): Promise<void>;
  /** Stops it, and removes its folder. */
  remove(): Promise<void>;
}

/** Rejects, with what it said, when it does not start. Content is captured, everything is looked for. */
export async function startOwnDriftline(): Promise<OwnDriftline> {
  const dataDir = mkdtempSync(join(tmpdir(), 'driftline-probe-'));
  // Nothing of the user's own Driftline: neither its databases nor its keys.
  const others = /^(?:DRIFTLINE_|CLICKHOUSE_|DATABASE_URL$)/;
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !others.test(name)));
  const child = spawn(process.execPath, [fromPackageRoot('dist/main.js'), 'start'], {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      DRIFTLINE_DATA_DIR: dataDir,
      DRIFTLINE_PORT: '0',
      DRIFTLINE_OTLP_HTTP_PORT: '0',
      DRIFTLINE_OTLP_GRPC_PORT: '0',
      DRIFTLINE_CAPTURE_CONTENT: 'on',
      DRIFTLINE_LOG_LEVEL: 'trace',
    },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const remove = async () => {
    await stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const lines = createInterface({ input: child.stdout });
  const ready = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    ended.then(() => null),
  ]);
  if (ready === null) {
    await remove();
    throw new Error(`the Driftline to be looked at did not start:\n${said.slice(-4000)}`);
  }
  const target = JSON.parse(ready) as Target;
  return { target, dataDir, standardError: () => said, stop, remove };
}
