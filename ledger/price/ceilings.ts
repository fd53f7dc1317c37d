import type { PriceBook } from '#store/prices/price-book.ts';
import { femtoPerPiece, femtoPerToken, type PriceKind, type Prices } from '#store/prices/price-list.ts';
import { allTables, priceOf } from './price-table.ts';
import { fraction } from './terms.ts';
import type { CostKind } from './token-split.ts';

/**
 * What nothing costs more than, so that a call of a model without a price has an upper bound. In nano-dollars for a count
 * of a kind, rounded up.
 */
export type Ceilings = (kind: CostKind, count: number) => bigint;

/** What kinds are dearest together: nobody knows how the tokens of an unknown model divide. */
const groups = {
  embedding: ['embedding'],
  input: [
    'input',
    'cache_read',
    'cache_write',
    'cache_write_1h',
    'input_audio',
    'cache_read_audio',
    'input_image',
  ],
  output: ['output', 'reasoning', 'output_audio', 'output_image'],
  image: ['image'],
  search: ['search'],
  rerank: ['rerank'],
} as const satisfies Record<string, readonly CostKind[]>;
type Group = keyof typeof groups;
const groupNames = Object.keys(groups) as Group[];
const groupOf = Object.fromEntries(
  groupNames.flatMap(group => groups[group].map(kind => [kind, group])),
) as Record<CostKind, Group>;

/**
 * The dearest list prices on sale that we know of, so that a book without its dearest model still bounds it: o1-pro (150 and
 * 600 USD per million), multimodal embeddings, a large picture of gpt-image-1, OpenAI's search with a large context, and a
 * rerank unit at ten times Cohere's price.
 */
const dearestOnSale: Record<Group, bigint> = {
  embedding: femtoPerToken(1),
  input: femtoPerToken(150),
  output: femtoPerToken(600),
  image: femtoPerPiece(0.25),
  search: femtoPerPiece(0.05),
  rerank: femtoPerPiece(0.02),
};

/** A quarter on top: regional endpoints cost a tenth more, and the next model may be dearer than any before. */
const margin = { over: 5n, under: 4n };

const ceilings = new WeakMap<PriceBook, Ceilings>();

/** The ceilings of a book: its dearest price of a kind in any tier, or the dearest on sale, and a quarter. */
export function ceilingsOf(book: PriceBook): Ceilings {
  const known = ceilings.get(book);
  if (known) return known;
  const femto = dearest(book);
  const femtoPerNano = 1_000_000n * margin.under;
  const made: Ceilings = (kind, count) => {
    const exact = BigInt(Math.ceil(count)) * femto[groupOf[kind]] * margin.over;
    return (exact + femtoPerNano - 1n) / femtoPerNano;
  };
  ceilings.set(book, made);
  return made;
}

function dearest(book: PriceBook): Record<Group, bigint> {
  const highest = { ...dearestOnSale };
  const rates = highestRates(book);
  const raise = (prices: Prices, currency: string, only: readonly Group[]) => {
    const rate = currency === 'USD' ? { over: 1n, under: 1n } : rates.get(currency);
    if (!rate) return;
    for (const group of only) {
      for (const kind of groups[group]) {
        const price = priceOf(prices, kind);
        if (price === undefined) continue;
        const femto = (price * rate.over + rate.under - 1n) / rate.under;
        if (femto > highest[group]) highest[group] = femto;
      }
    }
  };
  for (const entry of book.entries) {
    if (entry.ended) continue;
    // An embedding model's input is what embedding costs; others' input is not.
    const embeds = entry.mode === 'embedding';
    const only = groupNames.filter(group => (group === 'embedding' ? embeds : !embeds || group !== 'input'));
    for (const table of allTables(entry)) raise(table, entry.currency, only);
  }
  for (const { prices, currency } of book.overlays) raise(withBatch(prices), currency, groupNames);
  return highest;
}

function withBatch(prices: Prices): Prices {
  const higher = (a: PriceKind, b: PriceKind) => {
    const [left, right] = [prices[a], prices[b]];
    return left === undefined || (right !== undefined && right > left) ? right : left;
  };
  const [input, output] = [higher('input', 'input_batch'), higher('output', 'output_batch')];
  return { ...prices, ...(input !== undefined && { input }), ...(output !== undefined && { output }) };
}

function highestRates({ rates }: PriceBook): Map<string, { over: bigint; under: bigint }> {
  const highest = new Map<string, { over: bigint; under: bigint }>();
  for (const { currency, usdPerUnit } of rates) {
    const rate = fraction(usdPerUnit);
    const before = highest.get(currency);
    if (!before || rate.over * before.under > before.over * rate.under) highest.set(currency, rate);
  }
  return highest;
}
