import type { PriceBook, PriceEntry } from '#store/prices/price-book.ts';
import type { Prices } from '#store/prices/price-list.ts';
import { priceOf, tablesFor } from './price-table.ts';
import { type CallTokens, type CostKind, splitInput, splitOutput, type TokenSplit } from './token-split.ts';

/** What has to be known of a call to price it. */
export interface PricedCall {
  provider: string;
  requestModel: string;
  responseModel: string;
  operation: string;
  tokens: CallTokens;
  serviceTier: string;
  startMs: number;
  failed: boolean;
  httpStatus: number | null;
}

export type UnpricedReason =
  /** The price book has no such model (at that time). */
  | 'unknown_model'
  /** The sender reported no tokens at all. */
  | 'no_usage'
  /** Refused with an HTTP error: providers bill answers only. Both bounds are 0. */
  | 'not_billed'
  /** Input or output is unknown: the known part is the lower bound. */
  | 'usage_incomplete'
  /** How much of it was audio or image is unknown and decides the price. */
  | 'modality_unknown'
  /** The list has no price for this service tier, or not for a request of this size in it. */
  | 'service_tier_unpriced'
  /** Tokens of a kind the model has no price for. */
  | 'kind_unpriced';

/**
 * Money of one call in nano-dollars (1e-9 USD). `nanos` is null when the call is unpriced, never 0 for want of knowledge;
 * a bound is null when nothing can be said. A priced call has all three the same, and `byKind` sums to them exactly.
 */
export interface Cost {
  nanos: bigint | null;
  lowNanos: bigint | null;
  highNanos: bigint | null;
  byKind: Partial<Record<CostKind, bigint>>;
  /** The price used, also where it gave bounds only; empty without one. */
  priceVersion: string;
  unpricedReason?: UnpricedReason;
}

/** What a call cost at list price. */
export function priceCall(call: PricedCall, book: PriceBook): Cost {
  const entry = book.find({
    provider: call.provider,
    responseModel: call.responseModel,
    requestModel: call.requestModel,
    atMs: call.startMs,
  });
  const usage = usageOf(call, entry);
  if (usage.input === null && usage.output === null) return withoutUsage(call, entry);
  if (!entry) return unpriced('unknown_model', { low: null, high: null });

  const tables = tablesFor(entry, call.serviceTier, usage.input ?? 0);
  const bills = tables.candidates.flatMap(prices =>
    modalities(call.tokens, usage, entry, prices).map(tokens => bill(tokens, usage, prices)),
  );
  const totals = bills.map(({ total }) => total).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [low, high] = [totals[0]!, totals.at(-1)!];
  const reason = doubt({
    incomplete: usage.input === null || (usage.output === null && usage.needsOutput),
    unpricedKind: bills.some(({ complete }) => !complete),
    tier: tables.openBelow || tables.openAbove || tables.candidates.length > 1,
    spread: low !== high,
  });
  if (reason === null) {
    const { priceVersion } = entry;
    return { nanos: low, lowNanos: low, highNanos: low, byKind: bills[0]!.byKind, priceVersion };
  }
  const unbounded = tables.openAbove || reason === 'usage_incomplete' || reason === 'kind_unpriced';
  return unpriced(reason, { low: tables.openBelow ? 0n : low, high: unbounded ? null : high }, entry);
}

interface Usage {
  input: number | null;
  output: number | null;
  embedding: boolean;
  needsOutput: boolean;
}

function usageOf({ operation, tokens }: PricedCall, entry: PriceEntry | null): Usage {
  const embedding = operation === 'embeddings' || entry?.mode === 'embedding';
  const input = embedding ? (tokens.embedding ?? tokens.input) : tokens.input;
  return { input, output: tokens.output, embedding, needsOutput: !embedding && operation !== 'rerank' };
}

function withoutUsage({ failed, httpStatus }: PricedCall, entry: PriceEntry | null): Cost {
  // A stream that broke off or timed out may well be billed: only a refusal certainly is not.
  if (failed && httpStatus !== null && httpStatus >= 400)
    return unpriced('not_billed', { low: 0n, high: 0n });
  return unpriced(entry ? 'no_usage' : 'unknown_model', { low: null, high: null });
}

/** Why the cost is not certain, the reason that helps most first; null when it is. */
function doubt(about: { incomplete: boolean; unpricedKind: boolean; tier: boolean; spread: boolean }) {
  if (about.incomplete) return 'usage_incomplete';
  if (about.unpricedKind) return 'kind_unpriced';
  if (about.tier) return 'service_tier_unpriced';
  return about.spread ? 'modality_unknown' : null;
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
    if (total === null || (tokens[field] ?? null) !== null) return;
    readings = readings.flatMap(reading => [reading, { ...reading, [field]: total }]);
  };
  if (speaks && prices.input_audio !== undefined) orAll('audioInput', usage.input);
  if (speaks && prices.output_audio !== undefined) orAll('audioOutput', usage.output);
  if (draws && prices.input_image !== undefined) orAll('imageInput', usage.input);
  if (draws && prices.output_image !== undefined) orAll('imageOutput', usage.output);
  return readings;
}

function bill(tokens: CallTokens, usage: Usage, prices: Prices) {
  const apart = (kind: keyof Prices) => prices[kind] !== undefined;
  const { input, output, embedding } = usage;
  const splits: TokenSplit[] = [];
  if (input !== null) splits.push(embedding ? { embedding: input } : splitInput(tokens, input, apart));
  if (output !== null) splits.push(splitOutput(tokens, output, apart));
  const byKind: Cost['byKind'] = {};
  let total = 0n;
  let complete = true;
  for (const split of splits) {
    for (const kind of Object.keys(split) as CostKind[]) {
      const count = split[kind];
      if (!count) continue;
      const femto = priceOf(prices, kind);
      if (femto === undefined) {
        complete = false;
        continue;
      }
      const nanos = nanosOf(count, femto);
      byKind[kind] = nanos;
      total += nanos;
    }
  }
  return { byKind, total, complete };
}

const femtoPerNano = 1_000_000n;

/**
 * Every kind is rounded half up to a whole nano-dollar by itself and the call is the sum of its kinds. So a page that
 * splits spend by kind adds up to the page that does not, to the last nano-dollar; the price of that is an error of at
 * most half a nano-dollar a kind, and none at all for list prices of up to three decimals.
 */
function nanosOf(tokens: number, femtoPerToken: bigint): bigint {
  return (BigInt(Math.round(tokens)) * femtoPerToken + femtoPerNano / 2n) / femtoPerNano;
}

function unpriced(
  unpricedReason: UnpricedReason,
  { low, high }: { low: bigint | null; high: bigint | null },
  entry?: PriceEntry,
): Cost {
  return {
    nanos: null,
    lowNanos: low,
    highNanos: high,
    byKind: {},
    priceVersion: entry?.priceVersion ?? '',
    unpricedReason,
  };
}
