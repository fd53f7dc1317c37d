import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';

/** What a room says over IPC once it listens; its addresses by name. */
export interface RoomReady {
  ready: true;
  addresses: Record<string, string>;
}

export interface RoomProcess {
  /** Addresses after the first start; ports stay the same across restarts. */
  addresses: Record<string, string>;
  /** Process id now, null between two lives. */
  pid(): number | null;
  /** SIGTERM, then SIGKILL after 15 s. Resolves when the process is gone. */
  stop(): Promise<void>;
}

const BACK_OFF_MS = { first: 500, longest: 30_000, healthyAfter: 60_000 };
const STOP_GRACE_MS = 15_000;

/**
 * Runs one room as a child process and starts it again when it dies. `environment` is asked before each start with the
 * addresses of the first one, so that a port picked once is kept. Rejects when the first start fails.
 */
export async function superviseRoom(
  room: string,
  environment: (previous: Record<string, string>) => NodeJS.ProcessEnv,
  log: Logger,
): Promise<RoomProcess> {
  let stopping = false;
  let addresses: Record<string, string> = {};
  let child = spawnRoom(room, environment(addresses));
  addresses = await untilReady(room, child);

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
      child = spawnRoom(room, environment(addresses));
      await untilReady(room, child).catch((error: Error) => log.error({ room, err: error }, error.message));
    }
  })();

  return {
    addresses,
    pid: () => (isRunning(child) ? (child.pid ?? null) : null),
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
