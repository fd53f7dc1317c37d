import { randomUUID } from 'node:crypto';
import { startRounds } from './rounds.ts';
import { giveLeaseBack, takeLease } from './state/job-leases.ts';
import type { StateDb } from './state/open.ts';
import { createTurns, nothing } from './turns.ts';

export interface LeasedJob {
  /** A round now; does nothing while another process has the lease. */
  runOnce(): Promise<void>;
  /** Resolves once the round under way has ended and the lease is free for others. */
  stop(): Promise<void>;
}

interface LeasedJobOptions {
  /** Of the lease, unique in the state database. */
  name: string;
  /** How long another process waits for one that died; longer than what lies between two looks at `mayGoOn`. */
  leaseMs: number;
  everyMs: number;
  /** False: nothing runs by itself. */
  timers: boolean;
  /** Renews the lease by asking `mayGoOn`, and breaks off where that says no. */
  round(mayGoOn: () => Promise<boolean>): Promise<void>;
  failed(error: unknown): void;
}

/** A job that is done again and again, by one process at a time. */
export function startLeasedJob(
  { state, clock }: { state: StateDb; clock: { now(): number } },
  { name, leaseMs, everyMs, timers, round, failed }: LeasedJobOptions,
): LeasedJob {
  const lease = { name, holder: randomUUID() };
  const inTurn = createTurns();
  let stopped = false;
  const mayGoOn = async () =>
    !stopped && (await takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs }));
  const runOnce = () =>
    inTurn(async () => {
      if (await mayGoOn()) await round(mayGoOn);
    });
  const rounds = timers ? startRounds(runOnce, { everyMs, failed }) : null;
  return {
    runOnce,
    async stop() {
      stopped = true;
      await rounds?.stop();
      await inTurn(nothing);
      await giveLeaseBack(state, lease);
    },
  };
}
