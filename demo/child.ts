import { runDemo } from './start.ts';

/** What the parent sends first, and only once. */
export interface DemoChildOptions {
  otlpHttpUrl: string;
  key?: string | undefined;
  plant: boolean;
  historyDays: number;
  seed: string;
  nowMs: number;
  tracesPerSecond: number;
}

/** What the parent is told. */
export type DemoChildMessage =
  | { kind: 'progress'; fraction: number }
  | { kind: 'live' }
  | { kind: 'failed'; message: string };

/** The demo as a process of its own: the application being watched is not part of the product that watches. */
const stop = new AbortController();
const tell = (message: DemoChildMessage) => process.send?.(message);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
// The parent is gone: whoever started the demo cannot stop it any more.
process.on('disconnect', () => stop.abort());

process.once('message', (options: DemoChildOptions) => {
  const demo = runDemo({
    ...options,
    signal: stop.signal,
    log: message => console.error(message),
    onProgress: fraction => tell({ kind: 'progress', fraction }),
    onLive: () => tell({ kind: 'live' }),
  });
  demo.then(
    () => process.exit(0),
    (error: Error) => {
      const wasStopped = stop.signal.aborted;
      if (!wasStopped) tell({ kind: 'failed', message: error.message });
      process.exitCode = wasStopped ? 0 : 1;
      if (process.connected) process.disconnect();
      setTimeout(() => process.exit(), 200).unref();
    },
  );
});
