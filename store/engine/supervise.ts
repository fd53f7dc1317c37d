import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askEngine } from './ask.ts';
import { type EnginePaths, enginePaths, engineUser } from './config-files.ts';
import { setAside, unreadableDefinition } from './definitions.ts';
import { type EngineProcess, endEngine, spawnEngine } from './engine-process.ts';
import { freeLoopbackPort } from './free-port.ts';
import { locateEngineLibrary } from './library.ts';
import { livingOwner, readOrCreatePassword, writeOwner } from './owner.ts';
import { repairTables } from './repair-tables.ts';
import { createWatchdog, type WatchdogTimings } from './watchdog.ts';

/** A pino logger fits. */
export interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How patient the supervisor is, in milliseconds. */
export interface EngineTimings extends WatchdogTimings {
  /** A fresh engine that answers nothing for this long is started anew; loading many parts takes a while. */
  startTimeoutMs: number;
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
  pingsMissedBusyAtMost: 60,
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

/** More than there are tables: an engine that finds fault with everything has another problem. */
const maxDefinitionsSetAside = 100;

/** Another Driftline serves this data folder. */
export class EngineAlreadyRunningError extends Error {
  override name = 'EngineAlreadyRunningError';

  constructor(dataDir: string, pid: number | null) {
    const by = pid === null ? '' : ` (process ${pid})`;
    super(`Driftline is already running on ${dataDir}${by}. Stop it, or choose another DRIFTLINE_DATA_DIR.`);
  }
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
  private definitionsSetAside = 0;

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
        if (this.current) await endEngine(this.current, this.timings.stopGraceMs);
        await kept;
      },
    };
  }

  private async firstStart(): Promise<void> {
    const { orphanGraceMs } = this.timings;
    const retryMs = 250;
    for (let waitedMs = 0; !this.stopping.signal.aborted; waitedMs += retryMs) {
      const run = this.spawn();
      const failure = await this.untilReady(run);
      if (failure === null) {
        await this.repair();
        return writeOwner(this.paths);
      }
      if (this.stopping.signal.aborted) break;
      if (this.setAsideDefinition(run)) continue;
      if (!run.lastWords.some(line => line.includes('Cannot lock file'))) {
        throw new Error(`the embedded ClickHouse did not start: ${failure}`);
      }
      // The lock outlives a killed supervisor by the moment its engine needs to notice.
      const owner = livingOwner(this.paths);
      if (owner !== null || waitedMs >= orphanGraceMs) {
        throw new EngineAlreadyRunningError(this.options.dataDir, owner);
      }
      await this.pause(retryMs);
    }
    throw new Error('the embedded ClickHouse was stopped while it started');
  }

  private async keepRunning(): Promise<void> {
    let backOffMs = this.timings.backOffFirstMs;
    let failure: string | null = null;
    while (!this.stopping.signal.aborted) {
      if (failure === null && this.current) {
        const readyAt = performance.now();
        failure = await this.untilLost(this.current);
        // One crash in a long while is no crash loop.
        const upMs = performance.now() - readyAt;
        if (upMs > 2 * this.timings.backOffLongestMs) backOffMs = this.timings.backOffFirstMs;
      }
      if (this.stopping.signal.aborted) return;
      this.announceRestart(failure ?? 'it ended while it became ready', backOffMs);
      await this.pause(backOffMs);
      if (this.stopping.signal.aborted) return;
      backOffMs = Math.min(backOffMs * 2, this.timings.backOffLongestMs);
      const run = this.spawn();
      failure = await this.untilReady(run);
      if (failure === null) await this.repair();
      else this.setAsideDefinition(run);
    }
  }

  /** True when the engine did not start because of the definition of one table, which is out of its way now. */
  private setAsideDefinition({ lastWords }: EngineProcess): boolean {
    const definition = unreadableDefinition(lastWords);
    if (definition === null || this.definitionsSetAside >= maxDefinitionsSetAside) return false;
    this.definitionsSetAside += 1;
    try {
      setAside(this.paths, definition);
    } catch (error) {
      this.options.log.error(
        { definition, error },
        'a definition that the engine cannot read could not be set aside',
      );
      return false;
    }
    const { quarantine } = this.paths;
    this.options.log.error(
      { definition, quarantine },
      'the engine cannot read a definition; it was set aside',
    );
    return true;
  }

  /** A table that cannot be repaired must not keep the others from being served. */
  private async repair(): Promise<void> {
    const { log } = this.options;
    try {
      const address = { url: `http://127.0.0.1:${this.port}`, user: engineUser, password: this.password };
      for (const repair of await repairTables(address, this.paths)) {
        log.error({ ...repair }, 'the definition of a table was lost and has been made anew');
      }
    } catch (error) {
      log.error({ error }, 'tables without a definition could not be repaired');
    }
  }

  private announceRestart(reason: string, backOffMs: number): void {
    this.restarts += 1;
    this.options.log.error({ reason, backOffMs, restarts: this.restarts }, 'engine lost, restarting');
    for (const listener of this.listeners) listener({ reason, count: this.restarts });
  }

  /** Null once the engine answers with our password; otherwise what went wrong, and its process is gone. */
  private async untilReady(run: EngineProcess): Promise<string | null> {
    const { port, password } = this;
    let exit: string | null = null;
    void run.exited.then(reason => {
      exit = reason;
    });
    const startedAt = performance.now();
    while (exit === null && performance.now() - startedAt < this.timings.startTimeoutMs) {
      // A query, not a ping: should another program hold the port, its answer must not count.
      const answer = askEngine({ port, sql: 'SELECT 1', password, timeoutMs: 1000 });
      if ((await answer.catch(() => '')) === '1\n') {
        const startMs = Math.round(performance.now() - startedAt);
        this.options.log.info({ port, pid: run.child.pid, startMs }, 'ClickHouse answers');
        return null;
      }
      await Promise.race([run.exited, sleep(20)]);
    }
    run.child.kill('SIGKILL');
    return exit ?? `${await run.exited}; it answered nothing for ${this.timings.startTimeoutMs} ms`;
  }

  /** Settles with the reason when the process has ended, by itself or because it stopped answering. */
  private async untilLost(run: EngineProcess): Promise<string> {
    const { pingEveryMs } = this.timings;
    const watchdog = createWatchdog(run.child.pid ?? 0, this.timings);
    let busy = false;
    for (;;) {
      const ping = askEngine({ port: this.port, timeoutMs: pingEveryMs }).then(
        () => true,
        () => false,
      );
      const exit = await Promise.race([run.exited, sleep(pingEveryMs, null)]);
      if (exit !== null) return exit;
      if (this.stopping.signal.aborted) return run.exited;
      const state = (await ping) ? watchdog.answered() : watchdog.missed();
      if (state === 'frozen' && !this.stopping.signal.aborted) {
        run.child.kill('SIGKILL');
        return `it left ${watchdog.missedInARow} pings unanswered and was killed (${await run.exited})`;
      }
      if (state === 'busy' && !busy)
        this.options.log.warn({}, 'ClickHouse is too busy to answer; it is left to work');
      busy = state === 'busy';
    }
  }

  private spawn(): EngineProcess {
    const { dataDir, maxMemoryBytes, log } = this.options;
    const run = spawnEngine({
      dataDir,
      maxMemoryBytes,
      port: this.port,
      password: this.password,
      // On its way out it reports the end of its start-up script, which is what was asked for.
      onLine: line => log[this.stopping.signal.aborted ? 'info' : 'warn']({ line }, 'engine says'),
    });
    this.current = run;
    void run.exited.then(() => {
      if (this.current === run) this.current = null;
    });
    return run;
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, null, { signal: this.stopping.signal }).catch(() => {});
  }
}
