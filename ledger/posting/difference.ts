import type { PriceBook } from '#store/prices/price-book.ts';
import type { LedgerCall } from '#store/queries/calls-to-reprice.ts';
import { priceCall } from '../price/price-call.ts';
import { type PricedRow, pricedCallOfRow } from '../price/priced-call.ts';
import { unitsByKind } from '../price/units.ts';

/** What another price makes of a call: differences to what the ledger says, nano-dollars. */
export interface Difference {
  unpricedCalls: number;
  unboundedCalls: number;
  nanos: bigint;
  lowNanos: bigint;
  highNanos: bigint;
  uncachedNanos: bigint;
  byKind: Record<string, string>;
  unitsByKind: Record<string, string>;
  reductions: Record<string, string>;
  priceVersion: string;
}

export type RepricedRow = PricedRow & LedgerCall;

/** The difference at the prices known at `knownMs`; null when there is none. */
export function differenceOf(row: RepricedRow, book: PriceBook, knownMs: number): Difference | null {
  const call = pricedCallOfRow(row, Number(row.start_ms));
  const cost = priceCall(call, book, knownMs);
  const isUnpriced = cost.nanos === null && cost.highNanos !== 0n;
  const isUnbounded = cost.highNanos === null;
  const units = unitsByKind(call, new Set(Object.keys(cost.byKind)));
  const nanos = (cost.nanos ?? 0n) - BigInt(row.cost);
  const difference: Difference = {
    unpricedCalls: Number(isUnpriced) - Number(row.unpriced_calls),
    unboundedCalls: Number(isUnbounded) - Number(row.unbounded_calls),
    nanos,
    lowNanos: (cost.lowNanos ?? cost.nanos ?? 0n) - BigInt(row.low),
    highNanos: (cost.highNanos ?? cost.nanos ?? 0n) - BigInt(row.high),
    // Calls stored before that was worked out never had one; that alone is no later price.
    uncachedNanos: row.has_uncached ? (cost.uncachedNanos ?? cost.nanos ?? 0n) - BigInt(row.uncached) : nanos,
    byKind: less(cost.byKind, row.kinds),
    unitsByKind: less(units, row.units),
    reductions: less(cost.reductions, row.reductions),
    priceVersion: cost.priceVersion,
  };
  // Calls stored before reductions were kept never had any; that alone is no later price either.
  const isLater = difference.priceVersion !== row.price_version_now && hasAny(difference.reductions);
  return isNone(difference) && !isLater ? null : difference;
}

function less(
  after: Record<string, bigint | number>,
  before: Record<string, string>,
): Record<string, string> {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  const differences = names.map(
    name => [name, BigInt(after[name] ?? 0) - BigInt(before[name] ?? 0)] as const,
  );
  return Object.fromEntries(differences.filter(([, n]) => n !== 0n).map(([name, n]) => [name, n.toString()]));
}

const hasAny = (map: Record<string, string>) => Object.keys(map).length > 0;

function isNone(one: Difference): boolean {
  const numbers = [one.nanos, one.lowNanos, one.highNanos, one.uncachedNanos].every(n => n === 0n);
  return (
    numbers &&
    one.unpricedCalls === 0 &&
    one.unboundedCalls === 0 &&
    !hasAny(one.byKind) &&
    !hasAny(one.unitsByKind)
  );
}
