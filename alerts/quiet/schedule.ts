import { randomUUID } from 'node:crypto';
import { startRounds } from '#store/rounds.ts';
import { giveLeaseBack, takeLease } from '#store/state/job-leases.ts';
import { createTurns, nothing } from '#store/turns.ts';
import type { AlertsDeps } from '../deps.ts';
import { checkQuiet } from './check.ts';

export interface QuietChecks {
  /** Judges what has become complete, now. */
  runOnce(): Promise<void>;
  stop(): Promise<void>;
}

const everyMs = 10 * 60_000;
const leaseMs = 10 * 60_000;

/** Judges usage and gaps between cohorts, in one process at a time. With `timers: false` nothing runs by itself. */
export function startQuietChecks(
  deps: AlertsDeps,
  { timers, baseUrl }: { timers: boolean; baseUrl: string },
): QuietChecks {
  const { state, projectId, clock, log } = deps;
  const lease = { name: `quiet series ${projectId}`, holder: randomUUID() };
  const inTurn = createTurns();

  async function round(): Promise<void> {
    if (await takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs }))
      await checkQuiet(deps, baseUrl);
  }

  const runOnce = () => inTurn(round);
  const failed = (error: unknown) =>
    log.error({ err: error }, 'usage and gaps between cohorts could not be judged; it is tried again');
  const rounds = timers ? startRounds(runOnce, { everyMs, failed }) : null;
  return {
    runOnce,
    async stop() {
      await rounds?.stop();
      await inTurn(nothing);
      await giveLeaseBack(state, lease);
    },
  };
}
