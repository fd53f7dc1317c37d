import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AlertSummary } from '#contract/alert.ts';
import type { DemoChildMessage, DemoChildOptions } from '#demo/child.ts';
import { readDetectorStates } from '#store/state/detector-states.ts';
import { openState } from '#store/state/open.ts';
import { type Driftline, eventually } from './driftline.ts';

const HOUR_MS = 3_600_000;
/**
 * Each check rolls up anew what was stored in the last minute and a half, which is weeks here: few are enough. The first does not
 * wait for it: it is made as soon as the history has arrived.
 */
export const demoCheckSeconds = '45';

interface Alerts {
  alerts: AlertSummary[];
  watching: { series: number; learning: number; evaluated_until: string | null };
}

const child = fileURLToPath(new URL('../../dist/demo/child.js', import.meta.url));

/** The demo's own process with eight weeks of history and no live traffic; resolves when all of it is acknowledged. */
export async function sendDemoHistory(otlpHttpUrl: string, plant: boolean): Promise<void> {
  const options: DemoChildOptions = {
    otlpHttpUrl,
    plant,
    historyDays: 56,
    seed: 'journey',
    nowMs: Date.now(),
    tracesPerSecond: 0,
  };
  // The test runner's own flags would change how the child resolves its modules.
  const demo = fork(child, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  let failure = '';
  demo.on('message', (message: DemoChildMessage) => {
    if (message.kind === 'failed') failure = message.message;
  });
  const ended = new Promise<number | null>(resolve => demo.once('exit', resolve));
  demo.send(options);
  const code = await ended;
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${failure}`);
}

/**
 * The demo with a few days of history, for pages that need something to show: its traffic goes on, and its team works, until it is
 * stopped.
 */
export function startShortDemo(driftline: { otlpHttp: string; url: string }, historyDays: number) {
  const options: DemoChildOptions = {
    otlpHttpUrl: driftline.otlpHttp,
    api: { url: driftline.url },
    plant: true,
    historyDays,
    seed: 'pages',
    nowMs: Date.now(),
    tracesPerSecond: 0.05,
  };
  const demo = fork(child, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const ended = new Promise<void>(resolve => demo.once('exit', () => resolve()));
  demo.send(options);
  return {
    async stop(): Promise<void> {
      demo.kill('SIGTERM');
      await ended;
    },
  };
}

/** Waits until the history that ends at `atMs` has been checked to its end, so that nothing more can be found in it. */
export async function checkedUntil({ dataDir, get }: Driftline, atMs: number): Promise<Alerts> {
  const state = await openState({ dataDir });
  try {
    const ask = async () => {
      const states = await readDetectorStates(state, 'default');
      return Math.max(0, ...states.map(({ evaluated_until }) => Date.parse(evaluated_until)));
    };
    // A check is written as a whole, so the newest series speaks for all; at night some are hours behind.
    await eventually(ask, newestMs => newestMs > atMs - 2 * HOUR_MS);
  } finally {
    await state.destroy();
  }
  return get<Alerts>('/api/v1/alerts?state=any');
}
