import { type Bill, bill } from './bill.ts';
import { tablesFor } from './price-table.ts';
import type { PricedCall } from './priced-call.ts';
import type { Terms } from './terms.ts';
import type { CallTokens, CostKind } from './token-split.ts';
import type { Usage } from './usage.ts';

/** Why a kind costs less than the list asks, or what of its cost is not billed. */
export type Reduction = `${'discount' | 'commitment' | 'prepaid'}.${CostKind}`;
export type Reductions = Partial<Record<Reduction, bigint>>;

interface Billed {
  usage: Usage;
  terms: Terms;
  tokens: CallTokens;
  /** The prices that the bill was made by. */
  prices: Terms['prices'];
  bill: Bill;
}

/**
 * What was taken off, nano-dollars: cost + discount + commitment is what the list asks for the same tokens, each kind rounded like its cost.
 * A kind that the list does not price has no list price to be below. Empty at list prices.
 */
export function reductionsOf(
  { serviceTier }: PricedCall,
  { usage, terms, tokens, prices, bill: { byKind } }: Billed,
): Reductions {
  if (terms.agreed === null) return {};
  const { overlay, list } = terms.agreed;
  const { candidates, openBelow, openAbove } = tablesFor(list, serviceTier, usage.input);
  const isListed = candidates.length === 1 && !openBelow && !openAbove;
  const listed = isListed ? bill(tokens, usage, candidates[0]!, list.unitsPerNano, prices).byKind : byKind;
  const reductions: Reductions = {};
  for (const [kind, cost] of Object.entries(byKind) as [CostKind, bigint][]) {
    const off = (listed[kind] ?? cost) - cost;
    if (off !== 0n) reductions[`${overlay.committed ? 'commitment' : 'discount'}.${kind}`] = off;
    if (overlay.paidAhead && cost !== 0n) reductions[`prepaid.${kind}`] = cost;
  }
  return reductions;
}
