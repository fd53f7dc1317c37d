import { type SpendKind, spendKinds } from '#contract/spend-words.ts';

/** What a row of `spend_15m` is keyed by besides time and entry, in the order of its columns. */
export const spendKeys = [
  'feature',
  'tenant',
  'team',
  'environment',
  'service',
  'provider',
  'model',
  'prompt_name',
  'prompt_version',
  'variant',
  'line',
  'service_tier',
  'price_version',
] as const;
export type SpendKey = (typeof spendKeys)[number];

const counts = [
  'calls',
  'attempts',
  'failed_attempts',
  'unpriced_calls',
  'unbounded_calls',
  'tokens',
  'unpriced_tokens',
  'estimated_calls',
  'estimated_tokens',
] as const;
const money = [
  'cost_nanos',
  'low_nanos',
  'high_nanos',
  'uncached_nanos',
  'client_nanos',
  'client_ours_nanos',
] as const;
export type SpendNumber =
  | (typeof counts)[number]
  | (typeof money)[number]
  | `units_${SpendKind}`
  | `nanos_${SpendKind}`;

/** What is added up, all Int64. */
export const spendNumbers: readonly SpendNumber[] = [
  ...counts,
  ...money,
  ...spendKinds.map(kind => `units_${kind}` as const),
  ...spendKinds.map(kind => `nanos_${kind}` as const),
];

/** What was taken off, added up key by key: Map(String, Int64), see `0016-spend-terms.sql`. */
export const spendMap = 'reductions';

/** Kinds that are counted by the piece; the others are tokens. */
export const pieceKinds: readonly SpendKind[] = ['image', 'search', 'rerank'];
export const tokenKinds = spendKinds.filter(kind => !pieceKinds.includes(kind));
