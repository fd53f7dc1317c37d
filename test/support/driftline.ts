import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

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
  /** kill -9 of one of its processes; the supervisor starts it again. */
  kill(process: 'engine' | 'collector' | 'api'): void;
  /** kill -9 of the supervisor and everything below it. */
  killAll(): Promise<void>;
  /** The same data folder again, after killAll or stop. */
  restart(): Promise<void>;
  /** Stops it and removes the data folder. */
  stop(): Promise<void>;
}

export async function startDriftline(environment: Record<string, string> = {}): Promise<Driftline> {
  const dataDir = mkdtempSync(join(tmpdir(), 'driftline-journey-'));
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
    kill(name) {
      const pid = processes(running.child.pid!).find(({ room }) => room === name)?.pid;
      if (pid === undefined) throw new Error(`no ${name} to kill`);
      process.kill(pid, 'SIGKILL');
    },
    async killAll() {
      const all = processes(running.child.pid!).map(({ pid }) => pid);
      for (const pid of [running.child.pid!, ...all]) killIfThere(pid);
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
      rmSync(dataDir, { recursive: true, force: true });
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

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function gone(pids: number[]): Promise<void> {
  const alive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  for (let tries = 0; tries < 200 && pids.some(alive); tries += 1) await sleep(50);
}

async function request<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/** Asks until `accept` agrees; the last answer is in the error. Gives up after `seconds`. */
export async function eventually<T>(
  ask: () => Promise<T>,
  accept: (answer: T) => boolean,
  seconds = 60,
): Promise<T> {
  let last: unknown;
  for (let tries = 0; tries < seconds * 4; tries += 1) {
    try {
      const answer = await ask();
      if (accept(answer)) return answer;
      last = answer;
    } catch (error) {
      last = String(error);
    }
    await sleep(250);
  }
  throw new Error(`not within ${seconds} s; last answer: ${JSON.stringify(last)?.slice(0, 4000)}`);
}
