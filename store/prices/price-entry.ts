import { limitsOf } from './model-limits.ts';
import type { ListedModel, Prices } from './price-list.ts';

/**
 * What was said about the price of one model for some time; `validToMs` (exclusive) is null while it holds. Of two that
 * cover one time the one known later holds.
 */
export interface PriceEntry
  extends Pick<ListedModel, 'provider' | 'model' | 'region' | 'mode' | 'currency' | 'aliases' | 'tiers'> {
  /** Names the price for good: the same words and numbers always give the same id. */
  priceVersion: string;
  /** Femto-units of `currency` per token or piece. */
  prices: Prices;
  serviceTiers: ListedModel['service_tiers'];
  maxInputTokens: number | null;
  maxOutputTokens: number | null;
  validFromMs: number;
  validToMs: number | null;
  /** When we learnt of it. */
  knownFromMs: number;
  /** It says that there is no price in that time. */
  ended: boolean;
}

/** The part of a statement that a price list does not say. */
export type Statement = Pick<
  PriceEntry,
  'priceVersion' | 'validFromMs' | 'validToMs' | 'knownFromMs' | 'ended'
>;

/** The entry of a book that states what `listed` says. */
export function entryOfListed(listed: ListedModel, statement: Statement): PriceEntry {
  const limits = limitsOf(listed);
  return {
    ...statement,
    provider: listed.provider,
    model: listed.model,
    region: listed.region,
    mode: listed.mode,
    currency: listed.currency,
    aliases: listed.aliases,
    // The highest threshold first: the first one that is passed holds.
    tiers: listed.tiers.toSorted((a, b) => b.threshold - a.threshold),
    prices: listed.usd_per_1m,
    serviceTiers: listed.service_tiers,
    maxInputTokens: limits.max_input_tokens,
    maxOutputTokens: limits.max_output_tokens,
  };
}

/**
 * A version of what was negotiated. Of the versions of one `overlayId` the last one known holds. Overlays do not stack: of
 * several that cover a call the one that speaks of it most closely holds (see PriceBook.overlay).
 */
export interface PriceOverlay {
  overlayId: string;
  /** 1 is the first. */
  version: number;
  /** Empty: every project. */
  projectId: string;
  /** Of the price in the book; empty: every provider. */
  provider: string;
  /** A model of the book, `*` stands for anything; empty: every model. */
  model: string;
  /** Off the price of the book, a decimal such as `12.5`; null: nothing off. */
  percentOff: string | null;
  /**
   * Instead of the price of the book, in `currency`. They are those of the ordinary service tier and context length
   * (`input_batch` and `output_batch` those of batch); long requests and other tiers pay the book's price less the percentage.
   */
  prices: Prices;
  currency: string;
  /** For an amount committed (a commitment discount); else it was negotiated. Default: negotiated. */
  committed?: boolean;
  /** The amount was paid ahead: usage is not billed again. */
  paidAhead?: boolean;
  validFromMs: number;
  validToMs: number | null;
  knownFromMs: number;
  withdrawn: boolean;
}

/** Holds from midnight UTC of its day until the next one of the currency. */
export interface ExchangeRate {
  currency: string;
  dayMs: number;
  /** A decimal: what one unit of the currency is in USD. */
  usdPerUnit: string;
  knownFromMs: number;
}
