import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { preparedDataDir } from './prepared-engine.ts';
import { isAlive } from './program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A whole Driftline in its own process tree and data folder, on free ports. */
export interface Driftline {
  url: string;
  otlpHttp: string;
  otlpGrpc: string;
  dataDir: string;
  /** What it has logged so far. */
  log(): string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Process id of one of its rooms; throws while there is none. */
  pid(room: Room): number;
  /** kill -9 of one of its processes; the supervisor starts it again. Another signal may be named. */
  kill(room: Room, signal?: NodeJS.Signals): void;
  /** SIGSTOP of everything: from when it resolves nothing is acknowledged any more. Only killAll helps then. */
  freezeAll(): Promise<void>;
  /** kill -9 of the supervisor and everything below it. */
  killAll(): Promise<void>;
  /** The same data folder again, after killAll or stop. */
  restart(): Promise<void>;
  /** Stops it and removes the data folder, unless that was given. */
  stop(): Promise<void>;
}

export type Room = 'engine' | 'collector' | 'api';

/** Rejects, with what it logged, when it does not start. Without `folder` it gets one of its own. */
export async function startDriftline(
  environment: Record<string, string> = {},
  folder?: string,
): Promise<Driftline> {
  const dataDir = folder ?? (await preparedDataDir('driftline-journey-'));
  mkdirSync(dataDir, { recursive: true });
  let running = await spawnDriftline(dataDir, environment);
  const driftline: Driftline = {
    url: running.ready.url,
    otlpHttp: running.ready.otlpHttp,
    otlpGrpc: running.ready.otlpGrpc,
    dataDir,
    log: () => running.log(),
    get: path => request(`${driftline.url}${path}`),
    post: (path, body) =>
      request(`${driftline.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    pid(name) {
      const found = processes(running.child.pid!).find(({ room }) => room === name);
      if (!found) throw new Error(`no ${name} is running`);
      return found.pid;
    },
    kill: (name, signal = 'SIGKILL') => void process.kill(driftline.pid(name), signal),
    async freezeAll() {
      const all = processes(running.child.pid!);
      // The collector first: what is acknowledged must not grow while the others are being stopped.
      const first = all.filter(({ room }) => room === 'collector');
      for (const { pid } of [...first, ...all]) signalIfThere(pid, 'SIGSTOP');
      signalIfThere(running.child.pid!, 'SIGSTOP');
      await stopped([running.child.pid!, ...all.map(({ pid }) => pid)]);
    },
    async killAll() {
      const all = processes(running.child.pid!).map(({ pid }) => pid);
      for (const pid of [running.child.pid!, ...all]) signalIfThere(pid, 'SIGKILL');
      await gone([running.child.pid!, ...all]);
    },
    async restart() {
      running = await spawnDriftline(dataDir, environment);
      Object.assign(driftline, running.ready);
    },
    async stop() {
      if (running.child.exitCode === null && running.child.signalCode === null) {
        const ended = new Promise(resolve => running.child.once('exit', resolve));
        running.child.kill('SIGTERM');
        await ended;
      }
      if (folder === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return driftline;
}

interface ReadyLine {
  url: string;
  otlpHttp: string;
  otlpGrpc: string;
}

async function spawnDriftline(dataDir: string, environment: Record<string, string>) {
  const child = spawn(process.execPath, [join(root, 'dist/main.js'), 'start'], {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DRIFTLINE_DATA_DIR: dataDir,
      DRIFTLINE_PORT: '0',
      DRIFTLINE_OTLP_HTTP_PORT: '0',
      DRIFTLINE_OTLP_GRPC_PORT: '0',
      DRIFTLINE_ENGINE_MEMORY_MB: '2048',
      ...environment,
    },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-200_000);
  });
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      const message = JSON.parse(line) as ReadyLine & { ready?: boolean };
      if (message.ready) resolve(message);
    });
    child.once('exit', code =>
      reject(new Error(`Driftline ended with ${code} before it was ready:\n${log}`)),
    );
  });
  return { child, ready, log: () => log };
}

interface RoomProcess {
  pid: number;
  room: string;
}

/** Every process below `supervisor`; the engine is the one that runs neither room. */
function processes(supervisor: number): RoomProcess[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const all = lines.map(line => {
    const [pid, ppid, ...args] = line.trim().split(/\s+/);
    return { pid: Number(pid), ppid: Number(ppid), args: args.join(' ') };
  });
  const children = (parent: number): typeof all =>
    all.filter(({ ppid }) => ppid === parent).flatMap(child => [child, ...children(child.pid)]);
  return children(supervisor).map(({ pid, args }) => ({
    pid,
    room: /start collector/.test(args)
      ? 'collector'
      : /start api/.test(args)
        ? 'api'
        : /engine\/child/.test(args)
          ? 'engine'
          : 'other',
  }));
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves when the kernel says of each that it is stopped or gone. */
async function stopped(pids: number[]): Promise<void> {
  const states = () =>
    spawnSync('ps', ['-o', 'stat=', '-p', pids.join(',')], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');
  await eventually(
    async () => states(),
    all => all.every(state => !/^[^TZ]/.test(state.trim())),
  );
}

async function gone(pids: number[]): Promise<void> {
  for (let tries = 0; tries < 600 && pids.some(isAlive); tries += 1) await sleep(50);
}

async function request<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/**
 * Asks until `accept` agrees; the last answer is in the error. It gives up after minutes, since a busy machine may take its time:
 * how fast something is, is not what it tells.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  accept: (answer: T) => boolean,
  patienceS = 240,
): Promise<T> {
  let last: unknown;
  for (let tries = 0; tries < patienceS * 4; tries += 1) {
    try {
      const answer = await ask();
      if (accept(answer)) return answer;
      last = answer;
    } catch (error) {
      last = String(error);
    }
    await sleep(250);
  }
  throw new Error(`not within ${patienceS} s; last answer: ${JSON.stringify(last)?.slice(0, 4000)}`);
}
