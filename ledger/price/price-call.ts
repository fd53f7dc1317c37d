import type { PriceBook } from '#store/prices/price-book.ts';
import type { PriceEntry } from '#store/prices/price-entry.ts';
import type { Prices } from '#store/prices/price-list.ts';
import { type Bill, bill, uncached } from './bill.ts';
import { type Bounds, boundsOfUnknown, ceilingBounds, dearer } from './bounds.ts';
import { ceilingsOf } from './ceilings.ts';
import { estimatedBounds, widened } from './estimates.ts';
import { makerOf } from './makers.ts';
import { type Tables, tablesFor } from './price-table.ts';
import type { PricedCall } from './priced-call.ts';
import { type Reductions, reductionsOf } from './reductions.ts';
import { type Terms, termsFor } from './terms.ts';
import type { CallTokens, CostKind } from './token-split.ts';
import { isWithoutUsage, type Usage, usageOf } from './usage.ts';

export type { PricedCall } from './priced-call.ts';

export type UnpricedReason =
  /** The price book has no such model (at that time, as far as was known). */
  | 'unknown_model'
  /** The price is in a currency that has no exchange rate for that day. */
  | 'no_exchange_rate'
  /** The sender reported no tokens at all. */
  | 'no_usage'
  /** Refused with an HTTP error: providers bill answers only. Both bounds are 0. */
  | 'not_billed'
  /** Input, output or the number of pieces is unknown: the known part is the lower bound. */
  | 'usage_incomplete'
  /** How much of it was audio or image is unknown and decides the price. */
  | 'modality_unknown'
  /** The list has no price for this service tier, or not for a request of this size in it. */
  | 'service_tier_unpriced'
  /** Tokens or pieces of a kind the model has no price for. */
  | 'kind_unpriced';

/**
 * Money of one call in nano-dollars (1e-9 USD). `nanos` is null when the call is unpriced, never 0 for want of knowledge;
 * a bound is null when nothing can be said. A priced call has all three the same, unless its tokens are estimates; `byKind` sums to `nanos`
 * exactly.
 */
export interface Cost {
  nanos: bigint | null;
  lowNanos: bigint | null;
  highNanos: bigint | null;
  /** What it would have cost had every cached token been plain input, written or read; null when unpriced. */
  uncachedNanos: bigint | null;
  byKind: Partial<Record<CostKind, bigint>>;
  /** What was taken off the list price; empty at list prices and where there is no cost. */
  reductions: Reductions;
  /** Price, overlay and rates used, also where they gave bounds only; empty without a price. */
  priceVersion: string;
  unpricedReason?: UnpricedReason;
}

/** What a call cost at the prices of the book; with `knownMs` at those that were known then. */
export function priceCall(call: PricedCall, book: PriceBook, knownMs?: number): Cost {
  const { provider, responseModel, requestModel, startMs: atMs } = call;
  const entry = book.find({ provider, responseModel, requestModel, atMs, knownMs });
  const usage = usageOf(call, entry);
  const isEmpty = isWithoutUsage(call);
  // A stream that broke off or timed out may well be billed: only a refusal certainly is not.
  if (isEmpty && call.failed && (call.httpStatus ?? 0) >= 400)
    return unpriced('not_billed', { low: 0n, high: 0n });
  if (!entry) {
    const ceilings = ceilingsOf(book, makerOf(provider, responseModel || requestModel));
    return unpriced(
      'unknown_model',
      isEmpty ? nothingKnown : ceilingBounds(widened(call, usage, null), ceilings),
    );
  }
  const terms = termsFor(book, { projectId: call.projectId, provider, entry, atMs, knownMs });
  if (terms === 'no_rate')
    return unpriced(
      'no_exchange_rate',
      ceilingBounds(widened(call, usage, entry), ceilingsOf(book)),
      entry.priceVersion,
    );
  const cost = call.estimated ? estimated(call, usage, terms, book) : billed(call, usage, terms, book);
  if (!isEmpty || cost.nanos !== null) return cost;
  // Nobody counted anything: a limit bounds it or nothing does.
  return { ...cost, unpricedReason: 'no_usage', lowNanos: cost.highNanos === null ? null : cost.lowNanos };
}

/** The cost of the tokens as they were estimated, between what they may have been at least and at most. */
function estimated(call: PricedCall, usage: Usage, terms: Terms, book: PriceBook): Cost {
  const cost = billed(call, usage, terms, book);
  const { lowNanos, highNanos } = billed(call, widened(call, usage, terms.entry), terms, book);
  const bounds = estimatedBounds(call, { usage, terms, low: lowNanos, high: highNanos });
  const { nanos } = cost;
  if (nanos === null) return { ...cost, lowNanos: bounds.low, highNanos: bounds.high };
  return {
    ...cost,
    lowNanos: bounds.low !== null && bounds.low < nanos ? bounds.low : nanos,
    highNanos: bounds.high === null ? null : dearer(bounds.high, nanos),
  };
}

const nothingKnown: Bounds = { low: null, high: null };

function billed(call: PricedCall, usage: Usage, terms: Terms, book: PriceBook): Cost {
  const { unitsPerNano, priceVersion } = terms;
  const tables = tablesFor(terms, call.serviceTier, usage.input);
  const readings = tables.candidates.flatMap(prices =>
    modalities(call.tokens, usage, terms.entry, prices).map(tokens => ({ tokens, prices })),
  );
  const bills = readings.map(({ tokens, prices }) => bill(tokens, usage, prices, unitsPerNano));
  const first = bills[0]!;
  const reason = doubt(usage, tables, bills);
  if (reason === null) {
    const nanos = first.total;
    const { tokens, prices } = readings[0]!;
    const uncachedNanos = uncached(first, tokens, usage, prices, unitsPerNano);
    const reductions = reductionsOf(call, { usage, terms, tokens, prices, bill: first });
    return {
      nanos,
      lowNanos: nanos,
      highNanos: nanos,
      uncachedNanos,
      byKind: first.byKind,
      reductions,
      priceVersion,
    };
  }
  const bounds = readings.map(({ prices }, at) =>
    plus(bills[at]!, boundsOfUnknown(usage, prices, unitsPerNano), book),
  );
  return unpriced(reason, widest(bounds, tables, usage, book), priceVersion);
}

/** Why the cost is not certain, the reason that helps most first; null when it is. */
function doubt(usage: Usage, tables: Tables, bills: readonly Bill[]): UnpricedReason | null {
  const { input, output, images, rerankUnits } = usage;
  if (input === null || output === null || images === null || rerankUnits === null) return 'usage_incomplete';
  if (bills.some(({ unpriced: kinds }) => kinds.length > 0)) return 'kind_unpriced';
  if (tables.openBelow || tables.openAbove || tables.candidates.length > 1) return 'service_tier_unpriced';
  return bills.some(({ total }) => total !== bills[0]!.total) ? 'modality_unknown' : null;
}

function plus(known: Bill, unknown: Bounds, book: PriceBook): Bounds {
  let high = unknown.high === null ? null : known.total + unknown.high;
  for (const [kind, count] of known.unpriced) {
    if (high !== null) high += ceilingsOf(book)(kind, count);
  }
  return { low: known.total + (unknown.low ?? 0n), high };
}

/** The lowest and the highest of what it may be. */
function widest(bounds: readonly Bounds[], tables: Tables, usage: Usage, book: PriceBook): Bounds {
  let { low, high } = bounds[0]!;
  for (const one of bounds) {
    if (low === null || (one.low !== null && one.low < low)) low = one.low;
    high = high === null || one.high === null ? null : dearer(high, one.high);
  }
  if (tables.openBelow) low = 0n;
  if (tables.openAbove && high !== null) {
    const ceiling = ceilingBounds(usage, ceilingsOf(book)).high;
    high = ceiling === null ? null : dearer(high, ceiling);
  }
  return { low, high };
}

/**
 * The ways to read a call of a model that speaks or draws and whose sender did not say how much of the tokens was sound
 * or picture: none or all of it. Such tokens cost up to sixteen times as much as text. Other models take them rarely and
 * say so: there an unknown share is none.
 */
function modalities(tokens: CallTokens, usage: Usage, { mode, prices: base }: PriceEntry, prices: Prices) {
  const speaks = base.output_audio !== undefined || mode === 'audio_transcription';
  const draws = base.output_image !== undefined || mode === 'image_generation';
  let readings = [tokens];
  const orAll = (
    field: 'audioInput' | 'audioOutput' | 'imageInput' | 'imageOutput',
    total: number | null,
  ) => {
    if (total === null || tokens[field] !== null) return;
    readings = readings.flatMap(reading => [reading, { ...reading, [field]: total }]);
  };
  if (speaks && prices.input_audio !== undefined) orAll('audioInput', usage.input);
  if (speaks && prices.output_audio !== undefined) orAll('audioOutput', usage.output);
  if (draws && prices.input_image !== undefined) orAll('imageInput', usage.input);
  if (draws && prices.output_image !== undefined) orAll('imageOutput', usage.output);
  return readings;
}

function unpriced(unpricedReason: UnpricedReason, { low, high }: Bounds, priceVersion = ''): Cost {
  return {
    nanos: null,
    lowNanos: low,
    highNanos: high,
    uncachedNanos: null,
    byKind: {},
    reductions: {},
    priceVersion,
    unpricedReason,
  };
}
