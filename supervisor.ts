import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type Settings, toEnvironment } from './config.ts';
import type { RunningRoom } from './rooms.ts';
import { startRoom } from './rooms.ts';

/** What a room says over IPC once it listens; its addresses by name. */
export interface RoomReady {
  ready: true;
  addresses: Record<string, string>;
}

interface RoomProcess {
  /** The same across restarts. */
  addresses: Record<string, string>;
  /** From now on it is not started again. */
  expectEnd(): void;
  /** SIGTERM, then SIGKILL after 15 s. Resolves when the process is gone. */
  stop(): Promise<void>;
}

const BACK_OFF_MS = { first: 500, longest: 30_000, healthyAfter: 60_000 };
const STOP_GRACE_MS = 15_000;

/**
 * Engine (unless CLICKHOUSE_URL names one), then collector, then api; prints the ready line; stops in reverse order.
 * Rejects, with everything stopped again, when one of them does not start.
 */
export async function startAll(settings: Settings, log: Logger): Promise<RunningRoom> {
  const started: (Pick<RoomProcess, 'stop'> & Partial<RoomProcess>)[] = [];
  const stop = async () => {
    // Ctrl-C reaches every process at once: a room that ends before its turn has not crashed.
    for (const room of started) room.expectEnd?.();
    for (const room of started.splice(0).reverse()) await room.stop();
  };
  try {
    const shared: NodeJS.ProcessEnv = { ...process.env, ...toEnvironment(settings) };
    if (settings.clickhouseUrl === undefined) {
      const engine = await startRoom('engine', settings, log);
      started.push(engine);
      Object.assign(shared, asVariables(engine.addresses));
    }
    const collector = await superviseRoom('collector', shared, log);
    started.push(collector);
    const api = await superviseRoom('api', { ...shared, ...asVariables(collector.addresses) }, log);
    started.push(api);
    const addresses = { ...api.addresses, ...collector.addresses };
    announce(addresses, settings);
    return { addresses, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The ready line is for programs, the sentence for people. */
function announce(addresses: Record<string, string>, settings: Settings): void {
  const dataDir = resolve(settings.dataDir);
  const { url, otlpHttp, otlpGrpc } = addresses;
  process.stdout.write(`${JSON.stringify({ ready: true, url, otlpHttp, otlpGrpc, dataDir })}\n`);
  process.stderr.write(
    `\n  Driftline is ready: open ${url}\n  Send OTLP to ${otlpHttp} (HTTP) or ${otlpGrpc} (gRPC)\n\n`,
  );
}

/** Addresses of a running room as settings: a port picked once is kept by a restart and known to the next room. */
function asVariables(addresses: Record<string, string>): Record<string, string> {
  const port = (address: string) => new URL(address.includes('://') ? address : `grpc://${address}`).port;
  const names: Record<string, (address: string) => [string, string]> = {
    url: address => ['DRIFTLINE_PORT', port(address)],
    otlpHttp: address => ['DRIFTLINE_OTLP_HTTP_PORT', port(address)],
    otlpGrpc: address => ['DRIFTLINE_OTLP_GRPC_PORT', port(address)],
    clickhouseUrl: address => ['CLICKHOUSE_URL', address],
    clickhouseUser: user => ['CLICKHOUSE_USER', user],
    clickhousePassword: password => ['CLICKHOUSE_PASSWORD', password],
  };
  return Object.fromEntries(
    Object.entries(addresses).flatMap(([name, address]) => (names[name] ? [names[name](address)] : [])),
  );
}

/**
 * Runs one room as a child process and starts it again, on the same ports, when it dies.
 * Rejects when the first start fails.
 */
async function superviseRoom(
  room: string,
  environment: NodeJS.ProcessEnv,
  log: Logger,
): Promise<RoomProcess> {
  let stopping = false;
  let child = spawnRoom(room, environment);
  const addresses = await untilReady(room, child);
  const again = { ...environment, ...asVariables(addresses) };

  const kept = (async () => {
    let backOffMs = BACK_OFF_MS.first;
    let startedAt = Date.now();
    while (!stopping) {
      const reason = await exited(child);
      if (stopping) return;
      if (Date.now() - startedAt > BACK_OFF_MS.healthyAfter) backOffMs = BACK_OFF_MS.first;
      log.error({ room, reason, backOffMs }, `the ${room} stopped, starting it again`);
      await sleep(backOffMs);
      if (stopping) return;
      backOffMs = Math.min(backOffMs * 2, BACK_OFF_MS.longest);
      startedAt = Date.now();
      child = spawnRoom(room, again);
      await untilReady(room, child).catch((error: Error) => log.error({ room, err: error }, error.message));
    }
  })();

  return {
    addresses,
    expectEnd() {
      stopping = true;
    },
    async stop() {
      stopping = true;
      if (isRunning(child)) {
        child.kill('SIGTERM');
        const killer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
        await exited(child);
        clearTimeout(killer);
      }
      await Promise.race([kept, sleep(100)]);
    },
  };
}

function spawnRoom(room: string, env: NodeJS.ProcessEnv): ChildProcess {
  const entry = fileURLToPath(new URL('./main.js', import.meta.url));
  return fork(entry, ['start', room], { env, stdio: ['ignore', 2, 'inherit', 'ipc'] });
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function untilReady(room: string, child: ChildProcess): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: RoomReady) => {
      if (message.ready) resolve(message.addresses);
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`the ${room} did not start (${signal ?? `exit ${code}`}); see the log`)),
    );
    child.once('error', reject);
  });
}

function exited(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    if (!isRunning(child)) resolve(child.signalCode ?? `exit ${child.exitCode}`);
    else child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
  });
}
