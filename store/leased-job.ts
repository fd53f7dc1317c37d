import { randomUUID } from 'node:crypto';
import { type Job, type JobOptions, startJob } from './job.ts';
import { giveLeaseBack, takeLease } from './state/job-leases.ts';
import type { StateDb } from './state/open.ts';

/** False once another process has the lease, or the job was stopped. */
export type MayGoOn = () => Promise<boolean>;

interface LeasedJobOptions extends JobOptions {
  /** Of the lease, unique in the state database. */
  name: string;
  /** How long another process waits for one that died; longer than what lies between two looks at `mayGoOn`. */
  leaseMs: number;
  /**
   * Renews the lease by asking `mayGoOn`, and breaks off where that says no. `isAsked` is false when it was the timer's turn. A
   * number is when to come again, in milliseconds.
   */
  round(mayGoOn: MayGoOn, isAsked: boolean): Promise<unknown>;
}

/** A job that one process at a time does; its rounds do nothing while another has the lease, which is free for others after `stop`. */
export function startLeasedJob(
  { state, clock }: { state: StateDb; clock: { now(): number } },
  { name, leaseMs, round, ...options }: LeasedJobOptions,
): Job {
  const lease = { name, holder: randomUUID() };
  const job = startJob(async (signal, isAsked) => {
    const mayGoOn: MayGoOn = async () =>
      !signal.aborted && (await takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs }));
    return (await mayGoOn()) ? round(mayGoOn, isAsked) : undefined;
  }, options);
  return {
    runOnce: job.runOnce,
    async stop() {
      await job.stop();
      await giveLeaseBack(state, lease);
    },
  };
}
