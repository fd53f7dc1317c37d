import { setTimeout as sleep } from 'node:timers/promises';

export interface Rounds {
  /** Begins the next round now instead of when it is due. */
  wake(): void;
  /** No further round; resolves once the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Makes a round at once and then again, `everyMs` after the last one ended, or the milliseconds that it answers with when that is a number. A round that
 * throws is reported to `failed`, and made again when it is due; what a round throws because of `stop` is nobody's concern.
 */
export function startRounds(
  round: (signal: AbortSignal) => Promise<unknown>,
  { everyMs, failed }: { everyMs: number; failed(error: unknown): void },
): Rounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  let waking = new AbortController();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      waking = new AbortController();
      const waitMs = await oneRound();
      const until = AbortSignal.any([signal, waking.signal]);
      await sleep(waitMs, undefined, { signal: until, ref: false }).catch(() => {});
    }
  }

  async function oneRound(): Promise<number> {
    try {
      const asked = await round(signal);
      return typeof asked === 'number' ? asked : everyMs;
    } catch (error) {
      if (!signal.aborted) failed(error);
      return everyMs;
    }
  }

  const ended = run();
  return {
    wake: () => waking.abort(),
    stop() {
      stopping.abort();
      return ended;
    },
  };
}
