import { overlayIdOf, type PriceBook } from '#store/prices/price-book.ts';
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
  /** What the call stood at so far, all of which goes to another agreement; null when it stays under its own. */
  moved: Moved | null;
}

interface Moved {
  /** By the names of the columns of `spend_15m`. */
  numbers: Record<string, string>;
  reductions: Record<string, string>;
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
    moved: isAgreedElsewhere(row.price_version_now, cost.priceVersion, book) ? movedOf(row) : null,
  };
  // Calls stored before reductions were kept never had any; that alone is no later price either.
  const isLater = difference.priceVersion !== row.price_version_now && hasAny(difference.reductions);
  return isNone(difference) && !isLater && difference.moved === null ? null : difference;
}

/** Whether an amount committed loses or gains the call. Of other agreements nothing is counted apart. */
function isAgreedElsewhere(before: string, after: string, book: PriceBook): boolean {
  const [left, right] = [overlayIdOf(before), overlayIdOf(after)];
  return left !== right && (book.isCommitment(left) || book.isCommitment(right));
}

function movedOf({ reductions, kinds, units, ...row }: RepricedRow): Moved | null {
  const named = (prefix: string, map: Record<string, string>) =>
    Object.entries(map).map(([kind, n]) => [`${prefix}_${kind}`, n] as const);
  const numbers = [
    ['cost_nanos', row.cost],
    ['low_nanos', row.low],
    ['high_nanos', row.high],
    // As the ledger adds it up: what was never worked out apart counts at its cost.
    ['uncached_nanos', row.uncached],
    ['unpriced_calls', row.unpriced_calls],
    ['unbounded_calls', row.unbounded_calls],
    ...named('nanos', kinds),
    ...named('units', units),
  ] as const;
  const some = (pairs: readonly (readonly [string, string])[]) =>
    Object.fromEntries(pairs.filter(([, n]) => n !== '0'));
  const moved = { numbers: some(numbers), reductions: some(Object.entries(reductions)) };
  return hasAny(moved.numbers) ? moved : null;
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
