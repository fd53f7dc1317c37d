import { createHash } from 'node:crypto';
import type { PriceBook } from '#store/prices/price-book.ts';
import type { ExchangeRate, PriceEntry, PriceOverlay } from '#store/prices/price-entry.ts';
import type { PriceKind, Prices } from '#store/prices/price-list.ts';
import type { TierPrices } from './price-table.ts';

/**
 * The prices of one call with discount and currency worked in, still exact: a price in `prices`, divided by `unitsPerNano`,
 * is nano-dollars. Nothing is rounded before tokens are multiplied by it.
 */
export interface Terms extends TierPrices {
  entry: PriceEntry;
  unitsPerNano: bigint;
  /** What the list asks and what was agreed instead; null at list prices. */
  agreed: { overlay: PriceOverlay; list: ListTerms } | null;
  /** Price, overlay and rates used: `gpt-4o#3f9a0c11d2e4+acme.2#5be01c9a*EUR=1.0834@2026-11-01`. */
  priceVersion: string;
}

/** Prices of the list in its currency's dollars, exact like those of Terms. */
export interface ListTerms extends TierPrices {
  unitsPerNano: bigint;
}

export interface TermsQuestion {
  projectId: string;
  provider: string;
  entry: PriceEntry;
  atMs: number;
  knownMs?: number | undefined;
}

const femtoPerNano = 1_000_000n;

/** What was agreed for a call; `no_rate` when a currency has no exchange rate for its day. */
export function termsFor(book: PriceBook, question: TermsQuestion): Terms | 'no_rate' {
  const { entry, atMs, knownMs } = question;
  const overlay = book.overlay(question);
  if (overlay === null && entry.currency === 'USD') return listTerms(entry);
  const listRate = rateFor(book, entry.currency, atMs, knownMs);
  const isFixed = overlay !== null && Object.keys(overlay.prices).length > 0;
  const ownRate = isFixed ? rateFor(book, overlay.currency, atMs, knownMs) : usd;
  if (listRate === null || ownRate === null) return 'no_rate';
  return agreedTerms(entry, overlay, listRate, ownRate);
}

// Books live for hours and calls come by thousands a second.
const listed = new WeakMap<PriceEntry, Terms>();
const agreed = new WeakMap<PriceEntry, Map<string, Terms>>();
const rememberedTerms = 1000;

/** List prices in USD are used as they are. */
function listTerms(entry: PriceEntry): Terms {
  const known = listed.get(entry);
  if (known) return known;
  const { prices, tiers, serviceTiers, priceVersion } = entry;
  const terms = {
    entry,
    prices,
    tiers,
    serviceTiers,
    priceVersion,
    unitsPerNano: femtoPerNano,
    agreed: null,
  };
  listed.set(entry, terms);
  return terms;
}

function agreedTerms(entry: PriceEntry, overlay: PriceOverlay | null, listRate: Rate, ownRate: Rate): Terms {
  const rates = [...new Set([listRate.name, ownRate.name])].join('');
  const priceVersion = `${entry.priceVersion}${overlay ? `+${overlayName(overlay)}` : ''}${rates}`;
  const ofEntry = agreed.get(entry) ?? new Map<string, Terms>();
  const known = ofEntry.get(priceVersion);
  if (known) return known;
  const terms = workIn(entry, overlay, listRate, ownRate, priceVersion);
  if (ofEntry.size >= rememberedTerms) ofEntry.clear();
  agreed.set(entry, ofEntry.set(priceVersion, terms));
  return terms;
}

const names = new WeakMap<PriceOverlay, string>();

/** Its id and version, and a hash of what was agreed: the same words and numbers always give the same name. */
function overlayName(overlay: PriceOverlay): string {
  const known = names.get(overlay);
  if (known) return known;
  const { overlayId, version, projectId, provider, model, percentOff, prices, currency } = overlay;
  const agreedPrices = Object.entries(prices)
    .map(([kind, price]) => `${kind}=${price}`)
    .sort();
  const { validFromMs, validToMs } = overlay;
  const said = [projectId, provider, model, percentOff, agreedPrices, currency, validFromMs, validToMs];
  const hash = createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 8);
  const name = `${overlayId}.${version}#${hash}`;
  names.set(overlay, name);
  return name;
}

/** Everything over one denominator: percentage × rate of the list × rate of the overlay. */
function workIn(
  entry: PriceEntry,
  overlay: PriceOverlay | null,
  listRate: Rate,
  ownRate: Rate,
  priceVersion: string,
): Terms {
  const left = share(overlay?.percentOff ?? '0');
  const ofList = left.over * listRate.over * ownRate.under;
  const ofOwn = left.under * listRate.under * ownRate.over;
  const own = scaled(overlay?.prices ?? {}, ofOwn);
  const prices = { ...scaled(entry.prices, ofList), ...own };
  return {
    entry,
    ...tablesTimes(entry, ofList),
    prices,
    unitsPerNano: femtoPerNano * left.under * listRate.under * ownRate.under,
    agreed: overlay && {
      overlay,
      list: { ...tablesTimes(entry, listRate.over), unitsPerNano: femtoPerNano * listRate.under },
    },
    priceVersion,
  };
}

function tablesTimes({ prices, tiers, serviceTiers }: TierPrices, factor: bigint): TierPrices {
  return {
    prices: scaled(prices, factor),
    tiers: tiers.map(tier => ({ ...tier, usd_per_1m: scaled(tier.usd_per_1m, factor) })),
    serviceTiers: Object.fromEntries(
      Object.entries(serviceTiers).map(([name, listed]) => [name, scaled(listed, factor)]),
    ),
  };
}

function scaled(prices: Prices, factor: bigint): Prices {
  const result: Prices = {};
  for (const [kind, price] of Object.entries(prices)) result[kind as PriceKind] = price * factor;
  return result;
}

interface Fraction {
  over: bigint;
  under: bigint;
}
interface Rate extends Fraction {
  /** How it stands in a price version. */
  name: string;
}
const usd: Rate = { over: 1n, under: 1n, name: '' };

function rateFor(book: PriceBook, currency: string, atMs: number, knownMs?: number): Rate | null {
  if (currency === 'USD') return usd;
  const rate = book.rate(currency, atMs, knownMs);
  return rate && { ...fraction(rate.usdPerUnit), name: nameOf(rate) };
}

function nameOf({ currency, usdPerUnit, dayMs }: ExchangeRate): string {
  return `*${currency}=${usdPerUnit}@${new Date(dayMs).toISOString().slice(0, 10)}`;
}

/** What is left of 1 after a percentage is taken off; nothing below 0. */
function share(percentOff: string): Fraction {
  const { over, under } = fraction(percentOff);
  const left = 100n * under - over;
  return { over: left < 0n ? 0n : left, under: 100n * under };
}

/** A decimal as a fraction. Throws when it is none. */
export function fraction(decimal: string): Fraction {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (!match) throw new Error(`"${decimal}" is not a decimal number`);
  const [, whole = '', digits = ''] = match;
  return { over: BigInt(whole + digits), under: 10n ** BigInt(digits.length) };
}
