import type { Decision } from '#contract/budget.ts';
import { type Budget, nanosOf, percentOf } from './budget.ts';
import { Reserve } from './reserve.ts';

/** What the ledger says about a budget's present period. */
export interface Observed {
  highNanos: bigint;
  /** Calls that have no upper bound, so that what they cost is not in `highNanos`. */
  unboundedCalls: number;
  phase: 'ahead' | 'running' | 'over';
}

export interface Ceiling {
  budget: Budget;
  conditions: ReadonlyMap<string, ReadonlySet<string>>;
  degradeNanos: bigint | null;
  denyNanos: bigint | null;
  leaseNanos: bigint;
  leaseMs: number;
  reserve: Reserve;
  /** Null before the ledger was asked. */
  observed: Observed | null;
  /** Nothing is left to take: no use asking the state database before that changes. */
  isDry: boolean;
}

/** What a caller names of a call. */
export type About = Readonly<Record<string, string | undefined>>;

/** Leases are a thousandth of the amount, unless the budget says otherwise. */
const defaultPart = 1000n;

/** A budget's ceiling; `before` is the same one before it was changed, whose promises still hold. */
export function ceilingOf(budget: Budget, before: Ceiling | undefined): Ceiling | null {
  if (!budget.ceiling) return null;
  const { degrade_at_percent, deny_at_percent, lease_usd, lease_s } = budget.ceiling;
  const conditions = new Map<string, Set<string>>();
  for (const { dimension, value } of budget.filter) {
    conditions.set(dimension, (conditions.get(dimension) ?? new Set()).add(value));
  }
  const leaseNanos = lease_usd === null ? budget.amountNanos / defaultPart || 1n : nanosOf(lease_usd);
  return {
    budget,
    conditions,
    degradeNanos: degrade_at_percent === null ? null : percentOf(budget.amountNanos, degrade_at_percent),
    denyNanos: deny_at_percent === null ? null : percentOf(budget.amountNanos, deny_at_percent),
    leaseNanos,
    leaseMs: lease_s * 1000,
    reserve: before?.reserve ?? new Reserve(leaseNanos),
    // Spend of another filter or period says nothing about this one.
    observed: before && isSameSpend(before.budget, budget) ? before.observed : null,
    isDry: false,
  };
}

/**
 * What the caller leaves out may be anything, so the ceiling applies. The end of an experiment is not for callers who do not
 * name it: it would deny everybody who has never heard of it.
 */
export function applies({ conditions, observed }: Ceiling, about: About): boolean {
  if (observed?.phase === 'ahead') return false;
  for (const [dimension, values] of conditions) {
    const named = about[dimension];
    if (named === undefined ? observed?.phase === 'over' : !values.has(named)) return false;
  }
  return true;
}

/** Spent by the ledger, and promised in leases that may not be in it yet. */
export function usedNanos({ observed, reserve }: Ceiling): bigint {
  return (observed?.highNanos ?? 0n) + reserve.promisedNanos();
}

/** What may still be reserved, when `reservedNanos` is. */
export function availableNanos({ denyNanos, observed }: Ceiling, reservedNanos: bigint): bigint {
  if (denyNanos === null || observed?.phase !== 'running') return 0n;
  const available = denyNanos - observed.highNanos - reservedNanos;
  return available > 0n ? available : 0n;
}

/** What a lease may have at this moment: reserved, and still within the ceiling, which may have been lowered or overspent since. */
export function leftNanos(ceiling: Ceiling, nowMs: number): bigint {
  const reserved = ceiling.reserve.leftNanos(nowMs);
  const within = (ceiling.denyNanos ?? 0n) - usedNanos(ceiling);
  if (within <= 0n) return 0n;
  return reserved < within ? reserved : within;
}

export function standingOf(ceiling: Ceiling): Decision {
  const { denyNanos, observed } = ceiling;
  if (observed?.phase === 'over' || (denyNanos !== null && usedNanos(ceiling) >= denyNanos)) return 'deny';
  return isDegraded(ceiling) ? 'degrade' : 'allow';
}

export function isDegraded(ceiling: Ceiling): boolean {
  return ceiling.degradeNanos !== null && usedNanos(ceiling) >= ceiling.degradeNanos;
}

/** The one that is used most of its amount. */
export function nearest(ceilings: readonly Ceiling[]): Ceiling {
  const used = (ceiling: Ceiling) => Number(usedNanos(ceiling)) / Number(ceiling.budget.amountNanos);
  return ceilings.reduce((one, other) => (used(other) > used(one) ? other : one));
}

/** `Budget "chat": $8.20 spent, not counting 3 calls that nothing bounds, and $0.40 in leases of $10.00`. */
export function sentence(ceiling: Ceiling): string {
  const { budget, observed, reserve } = ceiling;
  const spent = spentWords(dollars(observed?.highNanos ?? 0n), observed?.unboundedCalls ?? 0);
  const leased = `${dollars(reserve.promisedNanos())} in leases`;
  return `${nameOf(ceiling)}: ${spent} and ${leased} of ${dollars(budget.amountNanos)}`;
}

function spentWords(spent: string, unbounded: number): string {
  if (unbounded === 0) return `${spent} spent`;
  return `${spent} spent, not counting ${unbounded} ${unbounded === 1 ? 'call' : 'calls'} that nothing bounds,`;
}

export const nameOf = ({ budget }: Ceiling) => `${budget.dates ? 'Experiment' : 'Budget'} "${budget.name}"`;

const dollars = (nanos: bigint) => `$${(Number(nanos) / 1e9).toFixed(2)}`;

function isSameSpend(one: Budget, other: Budget): boolean {
  const spend = ({ filter, period, dates }: Budget) => JSON.stringify([filter, period, dates]);
  return spend(one) === spend(other);
}
