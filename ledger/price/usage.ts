import type { PriceEntry } from '#store/prices/price-entry.ts';
import { type Prices, pieceKinds } from '#store/prices/price-list.ts';
import type { PricedCall } from './priced-call.ts';

/** How much of a call is billed, as far as anybody says. Counts of what is not billed are 0. */
export interface Usage {
  /** Null when unknown; with cache, of embeddings the embedded tokens. */
  input: number | null;
  output: number | null;
  /** Input and output together where neither is known alone, else null. */
  total: number | null;
  images: number | null;
  searches: number;
  rerankUnits: number | null;
  embedding: boolean;
  /** What a count cannot be above, known or not; null when nothing limits it. */
  most: { input: number | null; output: number | null };
}

const pieces: ReadonlySet<string> = new Set(pieceKinds);

/** What of the call is billed by the price in `entry`, or by any price while the model has none. */
export function usageOf(call: PricedCall, entry: PriceEntry | null): Usage {
  const { operation, tokens } = call;
  const embedding = operation === 'embeddings' || entry?.mode === 'embedding';
  const givesNoText = embedding || operation === 'rerank';
  // A model sold by the piece alone bills no tokens, whoever counted some.
  const byPiece = entry !== null && isByPiece(entry.prices);
  const input = embedding ? (tokens.embedding ?? tokens.input) : tokens.input;
  const total = input === null && tokens.output === null && !byPiece ? tokens.total : null;
  const unitsAlone = operation === 'rerank' && input === null && call.pieces.rerankUnits !== null;
  return {
    input: byPiece || unitsAlone ? 0 : input,
    output: byPiece || (givesNoText && tokens.output === null) ? 0 : tokens.output,
    total,
    images: imagesOf(call, entry),
    searches: call.pieces.searches ?? 0,
    rerankUnits: rerankUnitsOf(call, entry),
    embedding,
    most: mostOf(call, entry, byPiece || unitsAlone ? 0 : input),
  };
}

function isByPiece(prices: Prices): boolean {
  for (const kind in prices) if (!pieces.has(kind)) return false;
  return true;
}

// Where output is priced by the token, the picture is in the tokens. A model without a price may be of either sort.
function imagesOf({ tokens, pieces: { images } }: PricedCall, entry: PriceEntry | null): number | null {
  if (entry === null) return images ?? 0;
  const { image, output, output_image } = entry.prices;
  if (image === undefined) return tokens.output === null ? (images ?? 0) : 0;
  const drawsOnly = output === undefined && output_image === undefined;
  return images ?? (drawsOnly ? null : 0);
}

// Some rerankers are sold by the search unit, others by the token.
function rerankUnitsOf(call: PricedCall, entry: PriceEntry | null): number | null {
  const { rerankUnits } = call.pieces;
  if (entry?.prices.rerank !== undefined) return rerankUnits ?? (call.operation === 'rerank' ? null : 0);
  return entry && call.tokens.input !== null ? 0 : (rerankUnits ?? 0);
}

function mostOf(call: PricedCall, entry: PriceEntry | null, input: number | null): Usage['most'] {
  return {
    input: input === null ? ofAttempts(call, entry?.maxInputTokens) : billedInput(call, input),
    output: mostOutput(call, entry),
  };
}

/**
 * The most output there can have been: as much as the request allowed, and as the model gives, for every attempt. Of several answers
 * the request's limit is that of all, and the model's that of each.
 */
export function mostOutput(call: PricedCall, entry: PriceEntry | null): number | null {
  const asked = call.maxOutputTokens;
  const gives = call.severalAnswers ? null : (entry?.maxOutputTokens ?? null);
  return ofAttempts(call, asked !== null && gives !== null ? Math.min(asked, gives) : (asked ?? gives));
}

/** A limit of each attempt, for all of them. */
export const ofAttempts = ({ attempts }: PricedCall, limit: number | null | undefined): number | null =>
  limit ? limit * Math.max(1, attempts) : null;

// A report that contradicts itself, with more in the cache than there was, is billed for what is in the cache as well.
function billedInput({ tokens }: PricedCall, input: number): number {
  const { cacheRead, cacheWrite, cacheWrite1h, audioInput, imageInput } = tokens;
  const write = Math.max(cacheWrite ?? 0, cacheWrite1h ?? 0);
  const read = cacheRead ?? 0;
  const fits = write + Math.max(read, (audioInput ?? 0) + (imageInput ?? 0)) <= input;
  return fits ? input : input + read + write;
}

/** Whether nobody says that anything was used. */
export function isWithoutUsage({ tokens, pieces: of }: PricedCall): boolean {
  const counts = [tokens.input, tokens.output, tokens.total, tokens.embedding];
  return counts.every(one => one === null) && !of.images && !of.searches && !of.rerankUnits;
}
