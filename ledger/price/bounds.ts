import type { Prices } from '#store/prices/price-list.ts';
import { atLeast, atMost, inputKinds } from './bill.ts';
import type { Ceilings } from './ceilings.ts';
import { priceOf } from './price-table.ts';
import type { CostKind } from './token-split.ts';
import type { Usage } from './usage.ts';

/** Nano-dollars between which the true cost lies; null where nothing can be said. */
export interface Bounds {
  low: bigint | null;
  high: bigint | null;
}

const outputKinds: readonly CostKind[] = ['output', 'reasoning', 'output_audio', 'output_image'];

/** What a call costs at most whatever the model is; at least nothing, since models that cost nothing exist. */
export function ceilingBounds(usage: Usage, ceiling: Ceilings): Bounds {
  const { images, rerankUnits, total, most } = usage;
  if (total !== null) return { low: 0n, high: dearer(ceiling('input', total), ceiling('output', total)) };
  const { input } = most;
  const output = usage.output ?? most.output;
  if (input === null || output === null || images === null || rerankUnits === null)
    return { low: 0n, high: null };
  const high =
    ceiling(usage.embedding ? 'embedding' : 'input', input) +
    ceiling('output', output) +
    ceiling('image', images) +
    ceiling('search', usage.searches) +
    ceiling('rerank', rerankUnits);
  return { low: 0n, high };
}

/** What is unknown of a call, between nothing and as much of the dearest kind as there can be. */
export function boundsOfUnknown(usage: Usage, prices: Prices, unitsPerNano: bigint): Bounds {
  const { total, most, images, rerankUnits } = usage;
  if (total !== null) {
    const { cheapest, dearest } = range(
      prices,
      usage.embedding ? ['embedding'] : [...inputKinds, ...outputKinds],
    );
    if (cheapest === null || dearest === null) return { low: 0n, high: null };
    return { low: atLeast(total, cheapest, unitsPerNano), high: atMost(total, dearest, unitsPerNano) };
  }
  let low = 0n;
  let high: bigint | null = 0n;
  const add = (most: number | null, kinds: readonly CostKind[]) => {
    const { dearest } = range(prices, kinds);
    high =
      high === null || most === null || dearest === null ? null : high + atMost(most, dearest, unitsPerNano);
  };
  if (usage.input === null) add(most.input, usage.embedding ? ['embedding'] : inputKinds);
  if (usage.output === null) add(most.output, outputKinds);
  if (images === null) add(null, ['image']);
  if (rerankUnits === null) {
    // A search unit is the least that is sold.
    low += (prices.rerank ?? 0n) / unitsPerNano;
    add(null, ['rerank']);
  }
  return { low, high };
}

function range(prices: Prices, kinds: readonly CostKind[]) {
  let cheapest: bigint | null = null;
  let dearest: bigint | null = null;
  for (const kind of kinds) {
    const price = priceOf(prices, kind);
    if (price === undefined) continue;
    if (cheapest === null || price < cheapest) cheapest = price;
    if (dearest === null || price > dearest) dearest = price;
  }
  return { cheapest, dearest };
}

export const dearer = (a: bigint, b: bigint) => (a > b ? a : b);
