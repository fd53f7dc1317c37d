import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromPackageRoot } from '../package-root.ts';
import { askEngine } from './ask.ts';
import { type EnginePaths, enginePaths, engineUser } from './config-files.ts';
import { locateEngineLibrary } from './library.ts';

/** A pino logger fits. */
export interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How patient the supervisor is, in milliseconds. */
export interface EngineTimings {
  /** A fresh engine that answers nothing for this long is started anew; loading many parts takes a while. */
  startTimeoutMs: number;
  pingEveryMs: number;
  /** Pings in a row that may fail before the engine counts as frozen. */
  pingsMissedAtMost: number;
  backOffFirstMs: number;
  backOffLongestMs: number;
  /** Time from SIGTERM to SIGKILL. */
  stopGraceMs: number;
  /** How long a start waits for the engine of a supervisor that is gone to leave the folder. */
  orphanGraceMs: number;
}

const defaultTimings: EngineTimings = {
  startTimeoutMs: 120_000,
  pingEveryMs: 1000,
  pingsMissedAtMost: 3,
  backOffFirstMs: 1000,
  backOffLongestMs: 30_000,
  stopGraceMs: 5000,
  orphanGraceMs: 10_000,
};

export interface StartEngineOptions {
  dataDir: string;
  log: EngineLog;
  /** Cap for the whole engine in bytes; default: half of the memory. */
  maxMemoryBytes?: number;
  timings?: Partial<EngineTimings>;
}

export interface EngineRestart {
  /** Why the previous engine process is gone, for a person to read. */
  reason: string;
  /** How many times this supervisor has lost the engine, this one included. */
  count: number;
}

export interface Engine {
  /** Address, user and password stay the same across restarts, so a client only has to try again. */
  url: string;
  user: string;
  password: string;
  /** Resolves at the first answer. Rejects with EngineAlreadyRunningError or another Error when the first start fails. */
  ready: Promise<void>;
  /** Process id of the engine, null while there is none. */
  pid(): number | null;
  /** Calls `listener` each time the engine was lost and is about to be started again. */
  onRestart(listener: (restart: EngineRestart) => void): void;
  /** Stops the engine: SIGTERM, then SIGKILL. Resolves when its process is gone. */
  stop(): Promise<void>;
}

/** Another Driftline serves this data folder. */
export class EngineAlreadyRunningError extends Error {
  override name = 'EngineAlreadyRunningError';
}

/** One life of the engine process. */
interface EngineProcess {
  child: ChildProcess;
  /** Settles with what happened, for a person to read. */
  exited: Promise<string>;
  /** Its last words on stderr. */
  lastWords: string[];
}

/** Starts the embedded engine as a child process and keeps it running until `stop()`. */
export async function startEngine(options: StartEngineOptions): Promise<Engine> {
  locateEngineLibrary();
  const paths = enginePaths(options.dataDir);
  mkdirSync(paths.home, { recursive: true, mode: 0o700 });
  const supervisor = new Supervisor(options, paths, await freeLoopbackPort(), readOrCreatePassword(paths));
  return supervisor.start();
}

class Supervisor {
  private readonly options: StartEngineOptions;
  private readonly paths: EnginePaths;
  private readonly port: number;
  private readonly password: string;
  private readonly timings: EngineTimings;
  private readonly listeners: ((restart: EngineRestart) => void)[] = [];
  private readonly stopping = new AbortController();
  private current: EngineProcess | null = null;
  private restarts = 0;

  constructor(options: StartEngineOptions, paths: EnginePaths, port: number, password: string) {
    this.options = options;
    this.paths = paths;
    this.port = port;
    this.password = password;
    this.timings = { ...defaultTimings, ...options.timings };
  }

  start(): Engine {
    const ready = this.firstStart();
    const kept = ready.then(
      () => this.keepRunning(),
      () => {},
    );
    return {
      url: `http://127.0.0.1:${this.port}`,
      user: engineUser,
      password: this.password,
      ready,
      pid: () => this.current?.child.pid ?? null,
      onRestart: listener => this.listeners.push(listener),
      stop: async () => {
        this.stopping.abort();
        await this.endCurrent();
        await kept;
      },
    };
  }

  private async firstStart(): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += 250) {
      const run = this.spawn();
      const failure = await this.untilReady(run);
      if (failure === null) return this.writeOwner();
      if (this.stopping.signal.aborted)
        throw new Error('the embedded ClickHouse was stopped while it started');
      if (!run.lastWords.some(line => line.includes('Cannot lock file'))) {
        throw new Error(`the embedded ClickHouse did not start: ${failure}`);
      }
      // The lock outlives a killed supervisor by the moment its engine needs to notice.
      const owner = readOwner(this.paths);
      if (waitedMs >= this.timings.orphanGraceMs || (owner !== null && isAlive(owner))) {
        const by = owner === null ? '' : ` (process ${owner})`;
        throw new EngineAlreadyRunningError(
          `Driftline is already running on ${this.options.dataDir}${by}. Stop it, or choose another DRIFTLINE_DATA_DIR.`,
        );
      }
      await this.pause(250);
    }
  }

  private async keepRunning(): Promise<void> {
    let backOffMs = this.timings.backOffFirstMs;
    let failure: string | null = null;
    while (!this.stopping.signal.aborted) {
      if (failure === null && this.current) {
        const readyAt = performance.now();
        failure = await this.untilLost(this.current);
        if (performance.now() - readyAt > 2 * this.timings.backOffLongestMs)
          backOffMs = this.timings.backOffFirstMs;
      }
      if (this.stopping.signal.aborted) return;
      this.restarts += 1;
      this.options.log.error(
        { reason: failure, backOffMs, restarts: this.restarts },
        'engine lost, restarting',
      );
      for (const listener of this.listeners) listener({ reason: failure ?? '', count: this.restarts });
      await this.pause(backOffMs);
      if (this.stopping.signal.aborted) return;
      backOffMs = Math.min(backOffMs * 2, this.timings.backOffLongestMs);
      failure = await this.untilReady(this.spawn());
    }
  }

  /** Null once the engine answers with our password; otherwise what went wrong, and its process is gone. */
  private async untilReady(run: EngineProcess): Promise<string | null> {
    let exit: string | null = null;
    run.exited.then(reason => {
      exit = reason;
    });
    const startedAt = performance.now();
    while (exit === null && performance.now() - startedAt < this.timings.startTimeoutMs) {
      // A query, not a ping: should another program hold the port, its answer must not count.
      const answer = askEngine({
        port: this.port,
        sql: 'SELECT 1',
        password: this.password,
        timeoutMs: 1000,
      });
      if ((await answer.catch(() => '')) === '1\n') {
        const startMs = Math.round(performance.now() - startedAt);
        this.options.log.info(
          { url: `http://127.0.0.1:${this.port}`, pid: run.child.pid, startMs },
          'engine ready',
        );
        return null;
      }
      await Promise.race([run.exited, sleep(20)]);
    }
    run.child.kill('SIGKILL');
    return exit ?? `${await run.exited}; it answered nothing for ${this.timings.startTimeoutMs} ms`;
  }

  /** Settles with the reason when the process has ended, by itself or because it stopped answering. */
  private async untilLost(run: EngineProcess): Promise<string> {
    let missed = 0;
    for (;;) {
      const pause = new AbortController();
      const exit = await Promise.race([
        run.exited,
        sleep(this.timings.pingEveryMs, null, { signal: pause.signal }).catch(() => null),
      ]);
      pause.abort();
      if (exit !== null) return exit;
      if (this.stopping.signal.aborted) return run.exited;
      // Missed answers are counted, not the clock: a laptop that slept for an hour has missed none.
      const pong = await askEngine({ port: this.port, timeoutMs: this.timings.pingEveryMs }).catch(
        () => null,
      );
      missed = pong === null ? missed + 1 : 0;
      if (missed >= this.timings.pingsMissedAtMost && !this.stopping.signal.aborted) {
        run.child.kill('SIGKILL');
        return `it left ${missed} pings unanswered and was killed (${await run.exited})`;
      }
    }
  }

  private spawn(): EngineProcess {
    const { dataDir, maxMemoryBytes } = this.options;
    const args = [
      '--data-dir',
      dataDir,
      '--http-port',
      String(this.port),
      '--parent-pid',
      String(process.pid),
    ];
    if (maxMemoryBytes !== undefined) args.push('--max-memory-bytes', String(maxMemoryBytes));
    const child = spawn(process.execPath, [fromPackageRoot('dist/store/engine/child.js'), ...args], {
      // stdin is the life line: it closes when this process dies, however it dies.
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', DRIFTLINE_ENGINE_PASSWORD: this.password },
    });
    const lastWords: string[] = [];
    createInterface({ input: child.stderr! }).on('line', line => {
      lastWords.push(line);
      if (lastWords.length > 20) lastWords.shift();
      this.options.log.warn({ line }, 'engine says');
    });
    const exited = new Promise<string>(resolve => {
      child.on('error', error => resolve(`could not be started: ${error.message}`));
      child.on('close', (code, signal) => {
        resolve([signal ? `ended by ${signal}` : `exit code ${code}`, ...lastWords].join('; '));
      });
    });
    child.stdin!.on('error', () => {});
    this.current = { child, exited, lastWords };
    void exited.then(() => {
      if (this.current?.child === child) this.current = null;
    });
    return this.current;
  }

  private async endCurrent(): Promise<void> {
    if (!this.current) return;
    const { child, exited } = this.current;
    const killer = setTimeout(() => child.kill('SIGKILL'), this.timings.stopGraceMs);
    child.kill('SIGTERM');
    await exited;
    clearTimeout(killer);
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, null, { signal: this.stopping.signal }).catch(() => {});
  }

  private writeOwner(): void {
    writeFileSync(this.paths.owner, JSON.stringify({ pid: process.pid }), { mode: 0o600 });
  }
}

/**
 * A loopback port that is free now, outside the range the system hands to outgoing connections, so that
 * it stays ours over the second a restart takes. Falls back to any free port.
 */
async function freeLoopbackPort(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await tryPort(randomInt(20_000, 32_000));
    if (port !== null) return port;
  }
  const port = await tryPort(0);
  if (port === null) throw new Error('no free TCP port on 127.0.0.1 for the embedded ClickHouse');
  return port;
}

function tryPort(wanted: number): Promise<number | null> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}

function readOrCreatePassword(paths: EnginePaths): string {
  try {
    // `wx` lets exactly one of two simultaneous first starts choose.
    writeFileSync(paths.password, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const password = readFileSync(paths.password, 'utf8').trim();
  if (!password) throw new Error(`${paths.password} is empty; delete it and start again`);
  return password;
}

function readOwner(paths: EnginePaths): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(paths.owner, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
