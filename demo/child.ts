import { runDemo } from './start.ts';

/** What the parent sends first, and only once. */
export interface DemoChildOptions {
  otlpHttpUrl: string;
  key?: string | undefined;
  api?: { url: string; key?: string | undefined } | undefined;
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
const STOP_GRACE_MS = 5_000;
const stop = new AbortController();
stop.signal.addEventListener('abort', () => setTimeout(() => process.exit(), STOP_GRACE_MS).unref());
const tell = (message: DemoChildMessage, sent?: () => void) =>
  process.send?.(message, undefined, undefined, sent);
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
      if (stop.signal.aborted) process.exit(0);
      tell({ kind: 'failed', message: error.message }, () => process.exit(1));
    },
  );
});
