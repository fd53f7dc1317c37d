import type { PriceBook } from '#store/prices/price-book.ts';
import type { PriceOverlay } from '#store/prices/price-entry.ts';
import { femtoPerPiece, femtoPerToken, type PriceKind, type Prices } from '#store/prices/price-list.ts';
import { dearestOfMaker } from './makers.ts';
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

/** A maker's next model may cost twice its dearest so far. */
const makersMargin = { over: 2n, under: 1n };

const ceilings = new WeakMap<PriceBook, Map<string, Ceilings>>();

/**
 * The ceilings of a book: its dearest price of a kind in any tier, or the dearest on sale, and a quarter. Of a known maker (`makerOf`) tokens
 * cost at most twice its own dearest, where that is less.
 */
export function ceilingsOf(book: PriceBook, maker = ''): Ceilings {
  const ofBook = ceilings.get(book) ?? new Map<string, Ceilings>();
  const known = ofBook.get(maker);
  if (known) return known;
  const made = ceilingsOfMaker(book, maker);
  ceilings.set(book, ofBook.set(maker, made));
  return made;
}

function ceilingsOfMaker(book: PriceBook, maker: string): Ceilings {
  const ofAll = dearest(book, dearestOnSale, () => true);
  const most = dearestOfMaker(maker);
  const own = most && {
    ...dearestOnSale,
    input: femtoPerToken(most.input),
    output: femtoPerToken(most.output),
  };
  const ofMaker = own && dearest(book, own, provider => provider === maker);
  const femtoPerNano = 1_000_000n;
  const times = (femto: bigint, count: number, { over, under }: typeof margin) =>
    (BigInt(Math.ceil(count)) * femto * over + femtoPerNano * under - 1n) / (femtoPerNano * under);
  return (kind, count) => {
    const group = groupOf[kind];
    const any = times(ofAll[group], count, margin);
    if (!ofMaker || (group !== 'input' && group !== 'output')) return any;
    return cheaper(times(ofMaker[group], count, makersMargin), any);
  };
}

const cheaper = (a: bigint, b: bigint) => (a < b ? a : b);

/** The dearest of a group that some provider charges or somebody agreed on, `onSale` at least. */
function dearest(
  book: PriceBook,
  onSale: Record<Group, bigint>,
  isMeant: (provider: string) => boolean,
): Record<Group, bigint> {
  const highest = { ...onSale };
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
    if (entry.ended || !isMeant(entry.provider)) continue;
    // An embedding model's input is what embedding costs; others' input is not.
    const embeds = entry.mode === 'embedding';
    const only = groupNames.filter(group => (group === 'embedding' ? embeds : !embeds || group !== 'input'));
    for (const table of allTables(entry)) raise(table, entry.currency, only);
  }
  for (const overlay of book.overlays)
    if (mayHoldFor(overlay, book, isMeant)) raise(withBatch(overlay.prices), overlay.currency, groupNames);
  return highest;
}

/** Whether what was agreed may hold for an unknown model of these providers: not when it names models of others. */
function mayHoldFor(
  { model }: PriceOverlay,
  { entries }: PriceBook,
  isMeant: (provider: string) => boolean,
): boolean {
  const prefix = model.split('*')[0] ?? '';
  const named = entries.filter(entry => entry.model.startsWith(prefix));
  return named.length === 0 || named.some(({ provider }) => isMeant(provider));
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
