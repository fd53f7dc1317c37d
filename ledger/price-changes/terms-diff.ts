import type { KindPrices, PriceDifference, PriceTerms } from '#contract/price.ts';

/** What differs, field by field: `input`, `above 200000: output`, `flex: input`, `currency`; null where there is none. */
export function fieldsBetween(
  before: PriceTerms | null,
  after: PriceTerms | null,
): PriceDifference['fields'] {
  const [old, now] = [flat(before), flat(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map(field => ({ field, before: old.get(field) ?? null, after: now.get(field) ?? null }))
    .filter(one => one.before !== one.after);
}

function flat(terms: PriceTerms | null): Map<string, string> {
  const fields = new Map<string, string>();
  if (terms === null) return fields;
  const add = (prefix: string, prices: KindPrices) => {
    for (const [kind, price] of Object.entries(prices)) fields.set(`${prefix}${kind}`, price);
  };
  add('', terms.prices);
  for (const { threshold, prices } of terms.tiers) add(`above ${threshold}: `, prices);
  for (const [tier, prices] of Object.entries(terms.service_tiers)) add(`${tier}: `, prices);
  fields.set('currency', terms.currency);
  fields.set('mode', terms.mode);
  const { max_input_tokens: most, max_output_tokens: mostOut } = terms;
  if (most !== null) fields.set('max_input_tokens', String(most));
  if (mostOut !== null) fields.set('max_output_tokens', String(mostOut));
  return fields;
}
