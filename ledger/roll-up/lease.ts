import { randomUUID } from 'node:crypto';
import { giveLeaseBack, takeLease } from '#store/state/job-leases.ts';
import type { LedgerDeps } from '../deps.ts';

/** Longer than any statement under it may take. */
const leaseMs = 6 * 60_000;

/** The right to write the ledger: one process at a time rolls up, closes months or posts. */
export interface LedgerLease {
  /** Takes it, or holds it for longer; false while another process has it. */
  take(): Promise<boolean>;
  giveBack(): Promise<void>;
}

export function ledgerLease({ state, projectId, clock }: LedgerDeps): LedgerLease {
  const lease = { name: `ledger ${projectId}`, holder: randomUUID() };
  return {
    take: () => takeLease(state, { ...lease, nowMs: clock.now(), forMs: leaseMs }),
    giveBack: () => giveLeaseBack(state, lease),
  };
}
