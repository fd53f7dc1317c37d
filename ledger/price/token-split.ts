import type { SpendKind } from '#contract/spend-words.ts';
import type { PriceKind } from '#store/prices/price-list.ts';

/** Tokens of one call as the ledger keeps them: totals and their subsets, null when unknown. */
export interface CallTokens {
  /** Every input token, including cache reads, cache writes, audio and images. */
  input: number | null;
  cacheRead: number | null;
  /** Including the one-hour writes. */
  cacheWrite: number | null;
  cacheWrite1h: number | null;
  /** Every output token, including reasoning, audio and images. */
  output: number | null;
  reasoning: number | null;
  audioInput: number | null;
  audioOutput: number | null;
  imageInput: number | null;
  imageOutput: number | null;
  embedding: number | null;
  /** Input and output together, where the sender told nothing else. */
  total: number | null;
}

/** What is billed by the piece; null when nobody says how many there were. */
export interface CallPieces {
  /** Pictures made. */
  images: number | null;
  searches: number | null;
  rerankUnits: number | null;
}

/** What is paid for; the keys of `cost_by_kind`. */
export type CostKind = SpendKind;
/** Disjoint counts: every token of the call is in exactly one kind. */
export type TokenSplit = Partial<Record<CostKind, number>>;

/** What the model's price list prices apart from plain input and output. */
export type PricedApart = (kind: PriceKind) => boolean;

/**
 * Input by kind; a subset that is not priced apart stays in its whole. Reports that contradict themselves (subsets larger
 * than the whole) never make a negative count.
 */
export function splitInput(tokens: CallTokens, total: number, apart: PricedApart): TokenSplit {
  const write = Math.max(tokens.cacheWrite ?? 0, tokens.cacheWrite1h ?? 0);
  const write1h = apart('cache_write_1h') ? (tokens.cacheWrite1h ?? 0) : 0;
  const read = tokens.cacheRead ?? 0;
  const audio = apart('input_audio') ? Math.min(tokens.audioInput ?? 0, total) : 0;
  const image = apart('input_image') ? Math.min(tokens.imageInput ?? 0, total - audio) : 0;
  // How much of the audio was cached nobody reports. Cache hits count as text first: the dearer reading.
  const text = Math.max(0, total - write - audio - image);
  const readText = Math.min(read, text);
  const readImage = Math.min(read - readText, image);
  const readAudio = apart('cache_read_audio') ? Math.min(read - readText - readImage, audio) : 0;
  return {
    input: text - readText,
    cache_read: read - readAudio,
    cache_read_audio: readAudio,
    cache_write: write - write1h,
    cache_write_1h: write1h,
    input_audio: Math.max(0, audio - (read - readText - readImage)),
    input_image: image - readImage,
  };
}

/** Output by kind, as `splitInput`. */
export function splitOutput(tokens: CallTokens, total: number, apart: PricedApart): TokenSplit {
  const reasoning = apart('output_reasoning') ? Math.min(tokens.reasoning ?? 0, total) : 0;
  const audio = apart('output_audio') ? Math.min(tokens.audioOutput ?? 0, total - reasoning) : 0;
  const image = apart('output_image') ? Math.min(tokens.imageOutput ?? 0, total - reasoning - audio) : 0;
  return {
    output: total - reasoning - audio - image,
    reasoning,
    output_audio: audio,
    output_image: image,
  };
}
