import { type CoreTime, coreTimeBetweenMs, readCoreTime } from './core-time.ts';

export interface WatchdogTimings {
  pingEveryMs: number;
  /** Pings in a row that may fail before a process that does nothing counts as frozen. */
  pingsMissedAtMost: number;
  /** The same for one that is at work, or waits for a core on a busy machine: killing it would only make that worse. */
  pingsMissedBusyAtMost: number;
}

export interface Watchdog {
  answered(): void;
  /** To be called for each ping without an answer; says what that makes of the process. */
  missed(): 'waiting' | 'busy' | 'frozen';
  /** Pings without an answer since the last one with one. */
  readonly missedInARow: number;
}

/**
 * Tells a process that hangs from one that has no time to answer. Missed answers are counted, not the clock: a laptop that slept
 * for an hour has missed none.
 */
export function createWatchdog(pid: number, timings: WatchdogTimings): Watchdog {
  let missedInARow = 0;
  let idleInARow = 0;
  let before: CoreTime | null = null;
  return {
    get missedInARow() {
      return missedInARow;
    },
    answered() {
      missedInARow = 0;
      idleInARow = 0;
      before = null;
    },
    missed() {
      const now = readCoreTime(pid);
      const busy =
        before !== null && now !== null && coreTimeBetweenMs(before, now) >= timings.pingEveryMs / 4;
      before = now;
      missedInARow++;
      idleInARow = busy ? 0 : idleInARow + 1;
      if (idleInARow >= timings.pingsMissedAtMost || missedInARow >= timings.pingsMissedBusyAtMost) {
        return 'frozen';
      }
      return busy ? 'busy' : 'waiting';
    },
  };
}
