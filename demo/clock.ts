import { setTimeout as wait } from 'node:timers/promises';

/** Time as one request of the demo application sees it: epoch milliseconds with a fraction. */
export interface Clock {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/** Sleeping moves this clock at once, so weeks pass in seconds. */
export function simulatedClock(startMs: number): Clock {
  let now = startMs;
  return {
    nowMs: () => now,
    async sleep(ms) {
      now += ms;
    },
  };
}

/** The wall clock. Once `signal` aborts it turns into a simulated one, so that a request under way ends whole and at once. */
export function realClock(signal: AbortSignal): Clock {
  let skippedMs = 0;
  const nowMs = () => performance.timeOrigin + performance.now() + skippedMs;
  return {
    nowMs,
    async sleep(ms) {
      const wakeMs = nowMs() + ms;
      await wait(ms, undefined, { signal }).catch(() => {
        skippedMs += wakeMs - nowMs();
      });
    },
  };
}
