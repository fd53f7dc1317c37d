import type { Prices } from '#store/prices/price-list.ts';
import { priceOf } from './price-table.ts';
import { type CallTokens, type CostKind, splitInput, splitOutput, type TokenSplit } from './token-split.ts';
import type { Usage } from './usage.ts';

/** Kinds of input; of what an embedding reads there is only one. */
export const inputKinds: readonly CostKind[] = [
  'embedding',
  'input',
  'cache_read',
  'cache_read_audio',
  'cache_write',
  'cache_write_1h',
  'input_audio',
  'input_image',
];

/** What the known part of a call costs by one table. */
export interface Bill {
  byKind: Partial<Record<CostKind, bigint>>;
  total: bigint;
  /** Kinds of which there is something and no price. */
  unpriced: [kind: CostKind, count: number][];
}

/** Bills what is known: an unknown count costs nothing here. `divideBy` says which kinds are apart, by default the prices. */
export function bill(
  tokens: CallTokens,
  usage: Usage,
  prices: Prices,
  unitsPerNano: bigint,
  divideBy = prices,
): Bill {
  const result: Bill = { byKind: {}, total: 0n, unpriced: [] };
  const { input, output, images, searches, rerankUnits } = usage;
  if (input) add(result, inputSplit(tokens, input, usage, divideBy), prices, unitsPerNano);
  if (output) {
    const apart = (kind: keyof Prices) => divideBy[kind] !== undefined;
    add(result, splitOutput(tokens, output, apart), prices, unitsPerNano);
  }
  if (images || searches || rerankUnits) {
    const pieces = { image: images ?? 0, search: searches, rerank: rerankUnits ?? 0 };
    add(result, pieces, prices, unitsPerNano);
  }
  return result;
}

/** What the call of a bill would have cost had every cached token been plain input. */
export function uncached(
  { byKind, total }: Bill,
  tokens: CallTokens,
  usage: Usage,
  prices: Prices,
  unitsPerNano: bigint,
): bigint {
  if (!tokens.cacheRead && !tokens.cacheWrite && !tokens.cacheWrite1h) return total;
  const plain: Bill = { byKind: {}, total: 0n, unpriced: [] };
  const without = { ...tokens, cacheRead: null, cacheWrite: null, cacheWrite1h: null };
  add(plain, inputSplit(without, usage.input ?? 0, usage, prices), prices, unitsPerNano);
  let rest = total;
  for (const kind of inputKinds) rest -= byKind[kind] ?? 0n;
  return rest + plain.total;
}

function inputSplit(tokens: CallTokens, input: number, usage: Usage, prices: Prices): TokenSplit {
  return usage.embedding
    ? { embedding: input }
    : splitInput(tokens, input, kind => prices[kind] !== undefined);
}

function add(result: Bill, split: TokenSplit, prices: Prices, unitsPerNano: bigint): void {
  let name: string;
  for (name in split) {
    const kind = name as CostKind;
    const count = split[kind];
    if (!count) continue;
    const price = priceOf(prices, kind);
    if (price === undefined) {
      result.unpriced.push([kind, count]);
      continue;
    }
    const nanos = nanosOf(count, price, unitsPerNano);
    result.byKind[kind] = nanos;
    result.total += nanos;
  }
}

/**
 * The rule of rounding. Every kind is rounded half up to a whole nano-dollar by itself, after discount and exchange rate and
 * only then, and the call is the sum of its kinds. So a page that splits spend by kind adds up to the page that does not, to
 * the last nano-dollar; the price of that is an error of at most half a nano-dollar a kind, and none at all for list prices of
 * up to three decimals.
 */
function nanosOf(count: number, price: bigint, unitsPerNano: bigint): bigint {
  return (BigInt(Math.round(count)) * price + unitsPerNano / 2n) / unitsPerNano;
}

/** Half a nano-dollar a kind, for bounds of what may be many kinds. */
const roundingNanos = 7n;

/** At least what so many tokens of any kinds cost at no less than this price. */
export function atLeast(count: number, price: bigint, unitsPerNano: bigint): bigint {
  const nanos = (BigInt(Math.floor(count)) * price) / unitsPerNano - roundingNanos;
  return nanos > 0n ? nanos : 0n;
}

/** At most what so many tokens of any kinds cost at no more than this price. */
export function atMost(count: number, price: bigint, unitsPerNano: bigint): bigint {
  return count === 0 ? 0n : (BigInt(Math.ceil(count)) * price) / unitsPerNano + roundingNanos;
}
