import { randomUUID } from 'node:crypto';
import { giveLeaseBack, takeLease } from '#store/state/job-leases.ts';
import { createTurns } from '#store/turns.ts';
import type { LedgerDeps } from '../deps.ts';

/** How long another process waits for one that died. */
const leaseMs = 30_000;
/** A statement may run for minutes: the lease is kept meanwhile. */
const keepEveryMs = 8_000;

/** The right to write the ledger: one process at a time rolls up, closes months or posts. */
export interface LedgerLease {
  /** Takes it and keeps it until it is given back; false while another process has it. */
  take(): Promise<boolean>;
  giveBack(): Promise<void>;
}

export function ledgerLease({ state, projectId, clock }: LedgerDeps): LedgerLease {
  const lease = { name: `ledger ${projectId}`, holder: randomUUID() };
  let keeping: NodeJS.Timeout | undefined;
  const inTurn = createTurns();

  const renew = () => takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs });
  const keep = () => {
    const renewed = inTurn(async () => keeping !== undefined && renew());
    renewed.catch(() => {});
  };
  const rest = () => {
    clearInterval(keeping);
    keeping = undefined;
  };

  return {
    take: () =>
      inTurn(async () => {
        const isMine = await renew();
        if (!isMine) rest();
        // Whether it is still ours is asked before each swap: that a renewal failed need not be told here.
        else keeping ??= setInterval(keep, keepEveryMs).unref();
        return isMine;
      }),
    giveBack: () =>
      inTurn(async () => {
        rest();
        await giveLeaseBack(state, lease);
      }),
  };
}
