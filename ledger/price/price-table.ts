import type { PriceEntry } from '#store/prices/price-entry.ts';
import type { PriceKind, Prices } from '#store/prices/price-list.ts';
import type { CostKind } from './token-split.ts';

/**
 * The prices a call was billed by. With several candidates the list does not say which holds: the cost lies between
 * theirs, where `openBelow` takes away the lower bound and `openAbove` the upper one.
 */
export interface Tables {
  candidates: Prices[];
  openBelow: boolean;
  openAbove: boolean;
}

/** Names of the ordinary tier. `auto` is what one asks for; who gets another tier is told so in the answer. */
const standardTiers = new Set(['', 'default', 'standard', 'auto', 'on_demand', 'standard_only']);
/** Tiers sold below list price; every other named one is sold above. */
const discountTiers = new Set(['batch', 'flex']);

/** What decides prices besides the kind. */
export type TierPrices = Pick<PriceEntry, 'prices' | 'tiers' | 'serviceTiers'>;

/**
 * The prices that hold for a call of this tier and size (`inputTokens` with cache; null when unknown: any that may hold).
 */
export function tablesFor(entry: TierPrices, serviceTier: string, inputTokens: number | null): Tables {
  if (inputTokens !== null || entry.tiers.length === 0)
    return tablesOfSize(entry, serviceTier, inputTokens ?? 0);
  const sizes = [0, ...entry.tiers.map(({ threshold }) => threshold + 1)];
  const tables = sizes.map(size => tablesOfSize(entry, serviceTier, size));
  return {
    candidates: tables.flatMap(({ candidates }) => candidates),
    openBelow: tables.some(({ openBelow }) => openBelow),
    openAbove: tables.some(({ openAbove }) => openAbove),
  };
}

/** Every table that some call of the model may be billed by. */
export function allTables(entry: TierPrices): Prices[] {
  return ['', 'batch', ...Object.keys(entry.serviceTiers)].flatMap(
    tier => tablesFor(entry, tier, null).candidates,
  );
}

function tablesOfSize(entry: TierPrices, serviceTier: string, inputTokens: number): Tables {
  const long = entry.tiers.find(({ threshold }) => inputTokens > threshold)?.usd_per_1m;
  const tier = serviceTier.trim().toLowerCase();
  const base = long ? withTier(entry.prices, dearerOnly(entry.prices, long)) : entry.prices;
  if (standardTiers.has(tier)) return exactly(base);
  const listed = tier === 'batch' ? batchPrices(entry.prices) : entry.serviceTiers[tier];
  const discount = discountTiers.has(tier);
  // A tier without a price in the list: cheaper or dearer than the list price, by how much nobody says.
  if (!listed) return { candidates: [base], openBelow: discount, openAbove: !discount };
  const tiered = withTier(entry.prices, listed);
  if (!long) return exactly(tiered);
  // Long context in a service tier: listed apart, never together.
  if (discount) return { candidates: [tiered, base], openBelow: false, openAbove: false };
  return { candidates: [withTier(tiered, dearerOnly(tiered, base))], openBelow: false, openAbove: true };
}

const exactly = (prices: Prices): Tables => ({ candidates: [prices], openBelow: false, openAbove: false });

/**
 * Long context never makes a token cheaper: a list that says so has mixed something up (Gemini's storage price per hour
 * stands as a cache write in some), and the kind is then priced as what it is a kind of.
 */
function dearerOnly(base: Prices, long: Prices): Prices {
  const table = { ...long };
  for (const kind of Object.keys(lookups) as CostKind[]) {
    const name = lookups[kind][0]!;
    const price = table[name];
    if (price !== undefined && price < (priceOf(base, kind) ?? 0n)) delete table[name];
  }
  return table;
}

/** A kind the tier leaves out keeps its price, but a special kind of output or write does not undercut its tier. */
function withTier(base: Prices, tier: Prices): Prices {
  const table = { ...base, ...tier };
  if (tier.output !== undefined && tier.output_reasoning === undefined) delete table.output_reasoning;
  if (tier.cache_write !== undefined && tier.cache_write_1h === undefined) delete table.cache_write_1h;
  return table;
}

function batchPrices({ input_batch: input, output_batch: output }: Prices): Prices | undefined {
  if (input === undefined) return undefined;
  return { input, ...(output !== undefined && { output }) };
}

/** Where to look for a price, first what it is and then what it is a kind of: a discount not listed is no discount. */
const lookups: Record<CostKind, readonly PriceKind[]> = {
  input: ['input'],
  cache_read: ['cache_read', 'input'],
  cache_read_audio: ['cache_read_audio', 'cache_read', 'input_audio', 'input'],
  cache_write: ['cache_write', 'input'],
  cache_write_1h: ['cache_write_1h', 'cache_write', 'input'],
  input_audio: ['input_audio', 'input'],
  input_image: ['input_image', 'input'],
  embedding: ['input'],
  // Models that only draw have no price for text.
  output: ['output', 'output_image'],
  reasoning: ['output_reasoning', 'output'],
  output_audio: ['output_audio', 'output'],
  output_image: ['output_image', 'output'],
  image: ['image'],
  search: ['search'],
  rerank: ['rerank'],
};

/** Femto-dollars per token of a kind; undefined when the list has none. */
export function priceOf(prices: Prices, kind: CostKind): bigint | undefined {
  for (const name of lookups[kind]) {
    if (prices[name] !== undefined) return prices[name];
  }
  return undefined;
}
