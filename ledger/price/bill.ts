import type { Prices } from '#store/prices/price-list.ts';
import { priceOf } from './price-table.ts';
import { type CallTokens, type CostKind, splitInput, splitOutput, type TokenSplit } from './token-split.ts';
import type { Usage } from './usage.ts';

/** What the known part of a call costs by one table. */
export interface Bill {
  byKind: Partial<Record<CostKind, bigint>>;
  total: bigint;
  /** Kinds of which there is something and no price. */
  unpriced: [kind: CostKind, count: number][];
}

/** Bills what is known: an unknown count costs nothing here. */
export function bill(tokens: CallTokens, usage: Usage, prices: Prices, unitsPerNano: bigint): Bill {
  const result: Bill = { byKind: {}, total: 0n, unpriced: [] };
  for (const split of splitsOf(tokens, usage, prices)) {
    for (const kind of Object.keys(split) as CostKind[]) {
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
  return result;
}

function splitsOf(tokens: CallTokens, usage: Usage, prices: Prices): TokenSplit[] {
  const apart = (kind: keyof Prices) => prices[kind] !== undefined;
  const { input, output, embedding, images, searches, rerankUnits } = usage;
  const splits: TokenSplit[] = [];
  if (input) splits.push(embedding ? { embedding: input } : splitInput(tokens, input, apart));
  if (output) splits.push(splitOutput(tokens, output, apart));
  if (images || searches || rerankUnits)
    splits.push({ image: images ?? 0, search: searches, rerank: rerankUnits ?? 0 });
  return splits;
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
