import type { KindPrices, PriceTerms } from '#contract/price.ts';
import { limitsOf } from './model-limits.ts';
import { type ListedModel, type Prices, parseListedModel, pieceKinds } from './price-list.ts';

type Listed = Record<string, unknown>;

const isPiece: ReadonlySet<string> = new Set(pieceKinds);
const tokenDigits = 9;
const pieceDigits = 15;
const perThousandDigits = 3;

/** What decides the cost, of a model of a price list: numbers as plain decimals, everything in one order. */
export function termsOf(listed: ListedModel): PriceTerms {
  return {
    mode: listed.mode,
    currency: listed.currency,
    prices: decimalsOf(listed.usd_per_1m),
    tiers: listed.tiers
      .map(({ threshold, usd_per_1m }) => ({ threshold, prices: decimalsOf(usd_per_1m) }))
      .sort((a, b) => a.threshold - b.threshold),
    service_tiers: sorted(
      Object.entries(listed.service_tiers).map(([name, prices]) => [name, decimalsOf(prices)]),
    ),
    ...limitsOf(listed),
    aliases: listed.aliases,
  };
}

/**
 * The model of a price list that says this, as JSON that can be kept. Throws naming what is wrong: a kind or mode nobody knows, a
 * price with too many decimals, prices that would be charged twice.
 */
export function listedOf(
  series: { provider: string; model: string; region: string },
  terms: PriceTerms,
  { source, asOf }: { source: string; asOf: string },
): Listed {
  const { prices, mode, tiers, service_tiers, max_input_tokens, max_output_tokens } = terms;
  const { image, search, rerank, ...perMillion } = prices;
  const twice = tiers.find(({ threshold }, at) => tiers.findIndex(one => one.threshold === threshold) !== at);
  if (twice) throw new Error(`tiers: long requests above ${twice.threshold} tokens are priced twice`);
  const listed: Listed = {
    provider: series.provider,
    model: series.model,
    ...(series.region !== '' && { region: series.region }),
    mode,
    ...(terms.currency !== 'USD' && { currency: terms.currency }),
    usd_per_1m: perMillion,
    ...(image !== undefined && { usd_per_image: { output: image } }),
    ...(search !== undefined && { usd_per_1k_searches: timesThousand(search) }),
    ...(rerank !== undefined && { usd_per_1k_rerank_units: timesThousand(rerank) }),
    aliases: terms.aliases,
    tiers: tiers.map(tier => ({
      when: 'input_tokens_including_cache_above',
      threshold: tier.threshold,
      applies_to: 'whole request',
      usd_per_1m: tier.prices,
    })),
    service_tiers,
    ...(max_input_tokens !== null && { max_input_tokens }),
    ...(max_output_tokens !== null && { max_output_tokens }),
    source,
    as_of: asOf,
  };
  const read = termsOf(parseListedModel(listed));
  if (image !== undefined && read.prices.image === undefined)
    throw new Error('image: where output is priced by the token, a picture has no price of its own');
  return listed;
}

/** The same text for the same terms however they were written, aliases aside: those are names and no price. */
export function termsText(terms: PriceTerms): string {
  const { mode, currency, prices, tiers, service_tiers, max_input_tokens, max_output_tokens } = terms;
  return JSON.stringify([mode, currency, prices, tiers, service_tiers, max_input_tokens, max_output_tokens]);
}

function decimalsOf(prices: Prices): KindPrices {
  return sorted(
    Object.entries(prices).map(([kind, femto]) => [
      kind,
      decimalText(femto, isPiece.has(kind) ? pieceDigits : tokenDigits),
    ]),
  );
}

/** `units` of 10^-digits as a decimal without trailing zeros. */
export function decimalText(units: bigint, digits: number): string {
  const padded = units.toString().padStart(digits + 1, '0');
  const fraction = padded.slice(-digits).replace(/0+$/, '');
  const whole = padded.slice(0, -digits);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function timesThousand(decimal: string): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  const digits = whole + fraction.padEnd(perThousandDigits, '0');
  const at = whole.length + perThousandDigits;
  return digits.length > at ? `${digits.slice(0, at)}.${digits.slice(at)}` : digits;
}

function sorted<Value>(pairs: [string, Value][]): Record<string, Value> {
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}
