import type { Price, PriceDifference, PriceStatement } from '#contract/price.ts';
import { format } from '../../format.ts';

const KINDS: Record<string, string> = {
  input: 'Input',
  output: 'Output',
  cache_read: 'Cache read',
  cache_write: 'Cache write',
  cache_write_1h: 'Cache write, 1 h',
  output_reasoning: 'Reasoning',
  input_audio: 'Audio in',
  output_audio: 'Audio out',
  cache_read_audio: 'Cached audio',
  input_image: 'Image in',
  output_image: 'Image out',
  input_batch: 'Batch input',
  output_batch: 'Batch output',
  image: 'Picture, each',
  search: 'Search, each',
  rerank: 'Rerank, each unit',
};

/** Kinds with a column of their own; the others stand together. */
export const mainKinds = ['input', 'output', 'cache_read', 'cache_write'] as const;
/** What a call in a batch costs. */
export const batchKinds = ['input_batch', 'output_batch'] as const;
const pieces = new Set(['image', 'search', 'rerank']);

export const kindName = (kind: string) => KINDS[kind] ?? kind;
export const kindUnit = (kind: string) => (pieces.has(kind) ? 'each' : 'per million tokens');

/** `0.075` as `$0.075`, with all its digits: a price is a fact, not a figure. */
export function priceText(decimal: string, currency = 'USD'): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  const amount = `${format.full(Number(whole))}.${fraction.padEnd(2, '0')}`;
  return currency === 'USD' ? `$${amount}` : `${amount} ${currency}`;
}

/** When it holds: `always`, `from 2026-11-01`, `until 2026-12-01`. Days are UTC, the last one is not included. */
export function validText({
  valid_from: from,
  valid_to: to,
}: Pick<Price, 'valid_from' | 'valid_to'>): string {
  if (from === null && to === null) return 'always';
  if (to === null) return `from ${from}`;
  return from === null ? `until ${to}` : `${from} to ${to}`;
}

/** Whether it holds at an instant. */
export const holdsAt = ({ valid_from: from, valid_to: to }: Price, ms: number) =>
  (from === null || Date.parse(from) <= ms) && (to === null || Date.parse(to) > ms);

export const seriesName = ({ provider, model, region }: Pick<Price, 'provider' | 'model' | 'region'>) =>
  `${provider} ${model}${region ? ` in ${region}` : ''}`;

/** Everything of a price that decides what a call costs, in the order people look for it. */
export function termLines(price: Pick<Price, 'prices' | 'tiers' | 'service_tiers' | 'currency'>) {
  const rank = Object.keys(KINDS);
  const line = (prefix: string) => (entry: [string, string]) => ({
    label: `${prefix}${kindName(entry[0])}`,
    unit: kindUnit(entry[0]),
    value: priceText(entry[1], price.currency),
  });
  const sorted = (prices: Record<string, string>) =>
    Object.entries(prices).sort(([a], [b]) => rank.indexOf(a) - rank.indexOf(b));
  return [
    ...sorted(price.prices).map(line('')),
    ...price.tiers.flatMap(({ threshold, prices }) =>
      sorted(prices).map(line(`${contextTierName(threshold)}: `)),
    ),
    ...Object.entries(price.service_tiers).flatMap(([tier, prices]) => sorted(prices).map(line(`${tier}: `))),
  ];
}

/** `Above 200,000 tokens` */
export const contextTierName = (threshold: number) => `Above ${format.full(threshold)} tokens`;

/** `above 200000: output` in words. */
export function fieldName(field: string): string {
  const at = field.lastIndexOf(': ');
  const [tier, kind] = at < 0 ? ['', field] : [field.slice(0, at), field.slice(at + 2)];
  const [, threshold] = /^above (\d+)$/.exec(tier) ?? [];
  const prefix = threshold ? `${contextTierName(Number(threshold))}: ` : tier && `${tier}: `;
  const words: Record<string, string> = {
    alias: 'Name',
    currency: 'Currency',
    mode: 'Used for',
    max_input_tokens: 'Most input tokens',
    max_output_tokens: 'Most output tokens',
  };
  return `${prefix}${words[kind] ?? kindName(kind)}`;
}

/** The most that the model takes and gives, and what follows for calls that nobody counted. */
export function limitWords({
  max_input_tokens: most,
  max_output_tokens: mostOut,
  mode,
}: Pick<Price, 'max_input_tokens' | 'max_output_tokens' | 'mode'>): string {
  const out = mode === 'embedding' ? null : mostOut;
  const known = [
    most !== null && `takes ${format.full(most)} tokens`,
    out !== null && `gives ${format.full(out)}`,
  ].filter(Boolean);
  if (known.length === 0)
    return 'How many tokens it takes and gives at most is not known: calls without token counts have no upper bound, unless the request had a limit.';
  return `It ${known.join(' and ')} at most, which bounds what calls without token counts cost.`;
}

/** The ordinary price first, each in the order of the kinds. */
export function fieldRank(field: string): number {
  const kinds = Object.keys(KINDS);
  const at = field.lastIndexOf(': ');
  const rank = kinds.indexOf(at < 0 ? field : field.slice(at + 2));
  return (at < 0 ? 0 : kinds.length) + (rank < 0 ? kinds.length - 1 : rank);
}

export const differenceWords: Record<PriceDifference['kind'], string> = {
  new: 'New',
  changed: 'Changed',
  ended: 'Ended',
  alias: 'Name',
};

/** What a statement says, in a few words: the main prices, those of long requests, and which service tiers it has. */
export function statementText(statement: PriceStatement): string {
  if (statement.ended) return `No price from ${statement.valid_from ?? 'the beginning'} on`;
  const { prices, tiers, service_tiers, currency } = statement;
  const rest = Object.entries(prices)[0];
  const ordinary =
    mainText(prices, currency) ||
    (rest ? `${priceText(rest[1], currency)} ${kindName(rest[0])}` : 'No prices');
  const long = tiers.map(
    one => `${contextTierName(one.threshold).toLowerCase()} ${mainText(one.prices, currency) || 'others'}`,
  );
  return [ordinary, ...long, Object.keys(service_tiers).join(', ')].filter(Boolean).join('; ');
}

function mainText({ input, output }: Record<string, string>, currency: string): string {
  const amounts = [
    input === undefined ? null : `${priceText(input, currency)} in`,
    output === undefined ? null : `${priceText(output, currency)} out`,
  ];
  return amounts.filter(text => text !== null).join(', ');
}
