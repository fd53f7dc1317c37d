import { existsSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { locateEngineLibrary } from '#store/engine/library.ts';
import type { Settings } from '../config.ts';

export interface Check {
  name: string;
  verdict: 'ok' | 'warning' | 'failed';
  detail: string;
}

/** Looks at everything Driftline needs on this machine, without starting anything. */
export async function runChecks(settings: Settings): Promise<Check[]> {
  const running = await runningAt(settings);
  return [
    nodeVersion(),
    dataFolder(settings.dataDir),
    disk(settings),
    running ?? { name: 'Driftline', verdict: 'ok', detail: `not running on port ${settings.port}` },
    ...(running ? [] : await ports(settings)),
    await engine(settings),
  ];
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNewEnough = major > 20 || (major === 20 && minor >= 19);
  const detail = isNewEnough ? process.version : `${process.version}; 20.19 or newer is needed`;
  return { name: 'Node', verdict: isNewEnough ? 'ok' : 'failed', detail };
}

function dataFolder(dataDir: string): Check {
  const path = resolve(dataDir);
  const nearest = nearestThere(path);
  try {
    // Asking for permission is not enough: root has it everywhere, and a file system may be read-only.
    rmdirSync(mkdtempSync(join(nearest, '.driftline-doctor-')));
    const detail = nearest === path ? path : `${path} (not there yet, can be made)`;
    return { name: 'data folder', verdict: 'ok', detail };
  } catch {
    return { name: 'data folder', verdict: 'failed', detail: `${nearest} is not writable` };
  }
}

function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path));
}

function disk({ dataDir, walLimitMb }: Settings): Check {
  const { bavail, bsize } = statfsSync(nearestThere(resolve(dataDir)));
  const freeMb = Math.floor((bavail * bsize) / 1_048_576);
  const detail = `${freeMb} MiB free`;
  if (freeMb < 512)
    return { name: 'disk', verdict: 'failed', detail: `${detail}; nothing could be received` };
  if (freeMb > walLimitMb) return { name: 'disk', verdict: 'ok', detail };
  return {
    name: 'disk',
    verdict: 'warning',
    detail: `${detail}; ${walLimitMb} MiB may have to wait for the store (DRIFTLINE_WAL_LIMIT_MB)`,
  };
}

/** What a Driftline on the configured port says of itself; null when none answers there. */
async function runningAt({ host, port }: Settings): Promise<Check | null> {
  if (port === 0) return null;
  try {
    const response = await fetch(`http://${reachable(host)}:${port}/api/v1/health`, {
      signal: AbortSignal.timeout(3000),
    });
    if (response.status === 401)
      return { name: 'Driftline', verdict: 'ok', detail: `running on port ${port}` };
    const said = (await response.json()) as { status?: string; version?: string; problems?: string[] };
    if (said.status === undefined) return null;
    const detail = [`${said.version} running on port ${port}`, ...(said.problems ?? [])].join('; ');
    return { name: 'Driftline', verdict: said.status === 'ok' ? 'ok' : 'warning', detail };
  } catch {
    return null;
  }
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function ports({ host, port, otlpHttpPort, otlpGrpcPort }: Settings): Promise<Check[]> {
  const wanted: [string, number][] = [
    ['API and dashboard', port],
    ['OTLP over HTTP', otlpHttpPort],
    ['OTLP over gRPC', otlpGrpcPort],
  ];
  return Promise.all(
    wanted.map(async ([what, number]) => {
      const problem = await listenProblem(host, number);
      const name = `port ${number}`;
      if (problem === null) return { name, verdict: 'ok' as const, detail: `free for ${what}` };
      return { name, verdict: 'failed' as const, detail: `cannot be had for ${what}: ${problem}` };
    }),
  );
}

function listenProblem(host: string, port: number): Promise<string | null> {
  return new Promise(done => {
    const server = createServer();
    server.once('error', error => done(error.message));
    server.listen(port, host, () => server.close(() => done(null)));
  });
}

async function engine({ clickhouseUrl, clickhouseUser, clickhousePassword }: Settings): Promise<Check> {
  if (clickhouseUrl === undefined) {
    try {
      return { name: 'engine', verdict: 'ok', detail: `embedded, ${locateEngineLibrary()}` };
    } catch (error) {
      return { name: 'engine', verdict: 'failed', detail: (error as Error).message };
    }
  }
  try {
    const headers = { 'x-clickhouse-user': clickhouseUser, 'x-clickhouse-key': clickhousePassword };
    const init = { method: 'POST', headers, body: 'SELECT version()', signal: AbortSignal.timeout(5000) };
    const response = await fetch(clickhouseUrl, init);
    const text = (await response.text()).trim();
    if (!response.ok) throw new Error(text.slice(0, 300));
    return { name: 'engine', verdict: 'ok', detail: `ClickHouse ${text} at ${clickhouseUrl}` };
  } catch (error) {
    return { name: 'engine', verdict: 'failed', detail: `${clickhouseUrl}: ${(error as Error).message}` };
  }
}
