import { startRounds } from './rounds.ts';
import { createTurns, nothing } from './turns.ts';

/** Work that is done again and again, one round at a time. */
export interface Job {
  /** A round now, after the one under way. */
  runOnce(): Promise<void>;
  /** Resolves once the round under way has ended. */
  stop(): Promise<void>;
}

export interface JobOptions {
  everyMs: number;
  /** False: nothing runs by itself. */
  timers: boolean;
  /** Told of what a round that nobody asked for threw. */
  failed(error: unknown): void;
}

/** `signal` is that of `stop`; `isAsked` is false when it was the timer's turn. A number is when to come again, in milliseconds. */
export function startJob(
  round: (signal: AbortSignal, isAsked: boolean) => Promise<unknown>,
  { everyMs, timers, failed }: JobOptions,
): Job {
  const stopping = new AbortController();
  const inTurn = createTurns();
  const run = (isAsked: boolean) => inTurn(() => round(stopping.signal, isAsked));
  const rounds = timers ? startRounds(() => run(false), { everyMs, failed }) : null;
  return {
    async runOnce() {
      await run(true);
    },
    async stop() {
      stopping.abort();
      await rounds?.stop();
      await inTurn(nothing);
    },
  };
}
