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

/**
 * Waits as long as it says it sleeps, and says what it was told to sleep: on a machine that is busy with other things a wait is
 * longer than asked for, which would look as if the models had become slower. Once `signal` aborts nothing is waited for, so that
 * a request under way ends whole and at once.
 */
export function pacedClock(signal: AbortSignal): Clock {
  let now = wallMs();
  return {
    nowMs: () => now,
    async sleep(ms) {
      now += ms;
      await wait(Math.max(0, now - wallMs()), undefined, { signal }).catch(() => {});
    },
  };
}

const wallMs = () => performance.timeOrigin + performance.now();
