import { type ChildProcess, fork } from 'node:child_process';
import type { StateDb } from '#store/state/open.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { readSetting, writeSetting } from '#store/state/settings.ts';
import type { ApiLog } from './request-id.ts';

export interface DemoState {
  state: 'off' | 'filling' | 'live';
  /** Share of the history that has been sent, in [0, 1]. */
  progress: number;
}

export interface DemoControl {
  state(): DemoState;
  /** Starts it unless it runs. */
  start(): Promise<DemoState>;
  /** Ends the traffic; its data stays. */
  stop(): Promise<void>;
  /** Goes on where a stopped API left it. */
  resume(): Promise<void>;
  /** Ends the process without forgetting that the demo is on. */
  close(): Promise<void>;
}

export interface DemoProcessOptions {
  /** The compiled entry, `dist/demo/child.js`. */
  childFile: string;
  otlpHttpUrl: string;
  key?: string | undefined;
  /** This API, for the golden set and the review queues of the demo; without it there are none. */
  api?: () => { url: string; key: string | undefined };
  state: StateDb;
  nowMs(): number;
  log: ApiLog;
  traffic?: Partial<typeof defaultTraffic>;
}

const defaultTraffic = { plant: true, historyDays: 56, tracesPerSecond: 0.5, seed: 'demo' };
const STOP_GRACE_MS = 8_000;
/** Unix milliseconds of the demo's "now": with it the same history, with the same ids, can be sent again. */
const ANCHOR = 'demo.started_at_ms';

type Told = { kind: 'progress'; fraction: number } | { kind: 'live' } | { kind: 'failed'; message: string };

/** The demo application as a child process that sends OTLP like any other application. */
export function demoProcess(options: DemoProcessOptions): DemoControl {
  const { state: db, log } = options;
  const traffic = { ...defaultTraffic, ...options.traffic };
  let child: ChildProcess | undefined;
  let now: DemoState = { state: 'off', progress: 0 };

  async function become(next: DemoState): Promise<void> {
    now = next;
    await writeSetting(db, 'demo', next);
  }

  function spawn(anchorMs: number, historyDays: number): void {
    // Flags of this process, such as those of a test runner, are not for the demo.
    const started = fork(options.childFile, [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    child = started;
    started.on('message', (told: Told) => {
      if (told.kind === 'progress') now = { state: 'filling', progress: told.fraction };
      if (told.kind === 'live') keep(become({ state: 'live', progress: 1 }));
      if (told.kind === 'failed') log.warn({ reason: told.message }, 'the demo stopped');
    });
    started.once('error', error => log.warn({ err: error }, 'the demo could not be started'));
    started.once('exit', () => {
      if (child !== started) return;
      child = undefined;
      keep(become({ state: 'off', progress: 0 }));
    });
    const { otlpHttpUrl, key } = options;
    // The keys go over the pipe: arguments can be read by everybody on the machine.
    started.send({ ...traffic, historyDays, otlpHttpUrl, key, api: options.api?.(), nowMs: anchorMs });
  }

  function keep(work: Promise<void>): void {
    work.catch(error => log.error({ err: error as Error }, 'the state of the demo could not be written'));
  }

  async function end(): Promise<void> {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = new Promise(resolve => ending.once('exit', resolve));
    ending.kill('SIGTERM');
    const killer = setTimeout(() => ending.kill('SIGKILL'), STOP_GRACE_MS);
    await exited;
    clearTimeout(killer);
  }

  return {
    state: () => now,
    async start() {
      if (now.state === 'off') {
        now = { state: 'filling', progress: 0 };
        const anchorMs = options.nowMs();
        await writeProgress(db, ANCHOR, String(anchorMs));
        await become(now);
        spawn(anchorMs, traffic.historyDays);
      }
      return now;
    },
    async stop() {
      await end();
      await become({ state: 'off', progress: 0 });
    },
    async resume() {
      const before = await readSetting(db, 'demo');
      const anchor = await readProgress(db, ANCHOR);
      if (!before || before.state === 'off' || anchor === null) return;
      now = before;
      // History that was cut short is sent again: the same ids, so nothing is counted twice.
      spawn(Number(anchor), before.state === 'filling' ? traffic.historyDays : 0);
    },
    close: end,
  };
}
