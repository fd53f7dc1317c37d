import { type SpendKind, spendKinds } from '#contract/spend-words.ts';
import {
  type SpendKey,
  type SpendNumber,
  spendKeys,
  spendMap,
  spendNumbers,
  tokenKinds,
} from './spend-columns.ts';

const n = (column: string) => `toInt64(ifNull(${column}, 0))`;
const isPricedApart = (kind: SpendKind) => `mapContains(cost_by_kind, '${kind}')`;
/** Pictures that are paid for by the token are no pieces as well. */
const ifBilled = (kind: SpendKind, column: string) =>
  n(`if(${isPricedApart(kind)} OR empty(cost_by_kind), ${column}, NULL)`);

/**
 * Tokens and pieces of a call by kind, as expressions over the columns of `calls` and over each other: the same division
 * as `ledger/price/token-split.ts`, where a kind is priced apart when the call has a cost of that kind. An unpriced call
 * has none: its tokens are plain input and output, and what was cached.
 */
const UNITS: Record<string, string> = {
  is_embedding: `operation = 'embeddings' OR ${isPricedApart('embedding')}`,
  input_total: n('if(is_embedding, NULL, input_tokens)'),
  output_total: n('output_tokens'),
  u_image: ifBilled('image', 'images'),
  u_search: ifBilled('search', 'searches'),
  u_rerank: ifBilled('rerank', 'rerank_units'),
  u_embedding: n('if(is_embedding, ifNull(embedding_tokens, input_tokens), NULL)'),
  written: `if(is_embedding, 0, greatest(${n('cache_write_tokens')}, ${n('cache_write_1h_tokens')}))`,
  read: n('if(is_embedding, NULL, cache_read_tokens)'),
  u_cache_write_1h: n(
    `if(${isPricedApart('cache_write_1h')} AND NOT is_embedding, cache_write_1h_tokens, NULL)`,
  ),
  audio: `if(${isPricedApart('input_audio')} OR ${isPricedApart('cache_read_audio')}, least(${n('audio_input_tokens')}, input_total), 0)`,
  u_reasoning: `if(${isPricedApart('reasoning')}, least(${n('reasoning_tokens')}, output_total), 0)`,
  image: `if(${isPricedApart('input_image')}, least(${n('image_input_tokens')}, input_total - audio), 0)`,
  u_output_audio: `if(${isPricedApart('output_audio')}, least(${n('audio_output_tokens')}, output_total - u_reasoning), 0)`,
  u_cache_write: 'written - u_cache_write_1h',
  text: 'greatest(0, input_total - written - audio - image)',
  u_output_image: `if(${isPricedApart('output_image')}, least(${n('image_output_tokens')}, output_total - u_reasoning - u_output_audio), 0)`,
  read_text: 'least(read, text)',
  u_output: 'output_total - u_reasoning - u_output_audio - u_output_image',
  read_image: 'least(read - read_text, image)',
  u_input: 'text - read_text',
  u_cache_read_audio: `if(${isPricedApart('cache_read_audio')}, least(read - read_text - read_image, audio), 0)`,
  u_input_audio: 'greatest(0, audio - (read - read_text - read_image))',
  u_input_image: 'image - read_image',
  u_cache_read: 'read - u_cache_read_audio',
  u_tokens: tokenKinds.map(kind => `u_${kind}`).join(' + '),
};

/**
 * SQL: goes before a SELECT from calls, or from a join with them, that then has `u_<kind>` for the units of each kind and `u_tokens`
 * for their sum. Not a subquery around it: the engine would take longer to read that than to add up an hour.
 */
export const WITH_UNITS = `WITH ${Object.entries(UNITS)
  .map(([name, sql]) => `${sql} AS ${name}`)
  .join(', ')}`;

/** SQL: which line of a statement a call stands in. */
export const LINE = `multiIf(purpose = 'evaluation', 'evaluation', failed != 0, 'failed', attempts > 1, 'retried', 'answer')`;

const IS_UNPRICED = 'isNull(cost_nanos) AND ifNull(cost_high_nanos, 1) != 0';
/** SQL: whether the sender did not count the tokens of the call, but estimate them. */
export const IS_ESTIMATED = "has(flags, 'estimated_tokens')";
/** SQL over a call: bounds are its cost where it is certain, and were not stored of calls that somebody else wrote. */
export const BOUNDS = {
  low: 'coalesce(cost_low_nanos, cost_nanos, 0)',
  high: 'coalesce(cost_high_nanos, cost_nanos, 0)',
  isUnbounded: `isNull(cost_high_nanos) AND (isNull(cost_nanos) OR ${IS_ESTIMATED})`,
};

/** The numbers of one call; a bucket has their sums. */
const ofCall: Partial<Record<SpendNumber, string>> = {
  calls: '1',
  attempts: 'attempts',
  failed_attempts: 'failed_attempts',
  unpriced_calls: IS_UNPRICED,
  unbounded_calls: BOUNDS.isUnbounded,
  tokens: 'u_tokens',
  unpriced_tokens: `if(${IS_UNPRICED}, u_tokens, 0)`,
  estimated_calls: IS_ESTIMATED,
  estimated_tokens: `if(${IS_ESTIMATED}, u_tokens, 0)`,
  cost_nanos: 'ifNull(cost_nanos, 0)',
  low_nanos: BOUNDS.low,
  high_nanos: BOUNDS.high,
  uncached_nanos: 'coalesce(uncached_nanos, cost_nanos, 0)',
  client_nanos: 'ifNull(client_cost_nanos, 0)',
  client_ours_nanos: 'if(isNull(client_cost_nanos), 0, ifNull(cost_nanos, 0))',
  ...perKind(kind => [`u_${kind}`, `cost_by_kind['${kind}']`]),
};

/** The numbers of one repricing of a call: differences. */
const ofRepricing: Partial<Record<SpendNumber, string>> = {
  unpriced_calls: 'r_unpriced_calls',
  unbounded_calls: 'r_unbounded_calls',
  tokens: tokenKinds.map(kind => `r_units['${kind}']`).join(' + '),
  unpriced_tokens: 'r_unpriced_calls * u_tokens',
  cost_nanos: 'r_cost_nanos',
  low_nanos: 'r_low_nanos',
  high_nanos: 'r_high_nanos',
  uncached_nanos: 'r_uncached_nanos',
  client_ours_nanos: 'if(isNull(client_cost_nanos), 0, r_cost_nanos)',
  ...perKind(kind => [`r_units['${kind}']`, `r_nanos['${kind}']`]),
};

/** The numbers of a call that goes from one agreement to another: as it stood, to be taken away there and added here. */
const ofMove: Partial<Record<SpendNumber, string>> = {
  tokens: tokenKinds.map(kind => `r_moved['units_${kind}']`).join(' + '),
  unpriced_tokens: "r_moved['unpriced_calls'] * u_tokens",
  client_ours_nanos: "if(isNull(client_cost_nanos), 0, r_moved['cost_nanos'])",
  ...Object.fromEntries(
    ['unpriced_calls', 'unbounded_calls', 'cost_nanos', 'low_nanos', 'high_nanos', 'uncached_nanos'].map(
      name => [name, `r_moved['${name}']`],
    ),
  ),
  ...perKind(kind => [`r_moved['units_${kind}']`, `r_moved['nanos_${kind}']`]),
};

function perKind(of: (kind: SpendKind) => [units: string, nanos: string]) {
  return Object.fromEntries(
    spendKinds.flatMap(kind => {
      const [units, nanos] = of(kind);
      return [
        [`units_${kind}`, units],
        [`nanos_${kind}`, nanos],
      ];
    }),
  );
}

const sums = (numbers: Partial<Record<SpendNumber, string>>, reductions: string) =>
  [
    ...spendNumbers.map(name => `sum(toInt64(${numbers[name] ?? '0'})) AS n_${name}`),
    `sumMap(CAST(${reductions}, 'Map(String, Int64)')) AS n_${spendMap}`,
  ].join(', ');

const keys = (differing: Partial<Record<SpendKey, string>>) =>
  spendKeys.map(key => `${differing[key] ?? key} AS k_${key}`).join(', ');

const NEEDED = [
  'start_time, trace_id, span_id, version, operation, feature, tenant, team, environment, service, provider, model',
  'prompt_name, prompt_version, variant, purpose, service_tier, price_version, failed, attempts, failed_attempts',
  'input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens',
  'audio_input_tokens, audio_output_tokens, image_input_tokens, image_output_tokens, embedding_tokens, images, searches',
  'rerank_units, cost_nanos, cost_low_nanos, cost_high_nanos, uncached_nanos, client_cost_nanos, cost_by_kind, flags, reductions',
].join(', ');

const BUCKET = "toDateTime(toStartOfInterval(start_time, INTERVAL 15 MINUTE, 'UTC'), 'UTC')";

export interface KnownRepricings {
  repriced: boolean;
  moved: boolean;
}

/**
 * SQL: rows of `spend_15m` (project, bucket, origin, entry, reason, keys, numbers) made of calls and their valid repricings.
 * `where` is over `start_time` and holds for both; parameter `project`. `known` says whether there are repricings, and any that
 * moved calls from one agreement to another.
 */
export function spendOfCalls(
  where: string,
  { repriced: hasRepricings, moved: hasMoves }: KnownRepricings,
): string {
  const calls = `SELECT ${NEEDED} FROM calls FINAL WHERE project_id = {project:String} AND ${where}`;
  // A repricing holds only for the very row it was computed for.
  const repricings = `SELECT trace_id AS r_trace_id, span_id AS r_span_id, start_time AS r_start_time, against_version,
    posting_id, price_version AS r_price_version, unpriced_calls AS r_unpriced_calls, unbounded_calls AS r_unbounded_calls,
    cost_nanos AS r_cost_nanos, low_nanos AS r_low_nanos, high_nanos AS r_high_nanos, uncached_nanos AS r_uncached_nanos,
    cost_by_kind AS r_nanos, units_by_kind AS r_units, reductions AS r_reductions,
    price_version_before AS r_price_version_before, moved AS r_moved, moved_reductions AS r_moved_reductions
    FROM call_repricings FINAL WHERE project_id = {project:String} AND ${where}`;
  const repriced = `(${calls}) AS c INNER JOIN (${repricings}) AS r
    ON c.trace_id = r.r_trace_id AND c.span_id = r.r_span_id AND c.version = r.against_version AND c.start_time = r.r_start_time`;
  const later = `UNION ALL
    ${WITH_UNITS}
    SELECT ${BUCKET} AS made_at, 'repricing' AS made_by, posting_id AS why,
      ${keys({ line: LINE, price_version: 'r_price_version' })}, ${sums(ofRepricing, 'r_reductions')}
    FROM ${repriced}
    GROUP BY ALL`;
  const signed = Object.fromEntries(Object.entries(ofMove).map(([name, sql]) => [name, `side.1 * (${sql})`]));
  const moves = `UNION ALL
    ${WITH_UNITS}
    SELECT ${BUCKET} AS made_at, 'repricing' AS made_by, posting_id AS why,
      ${keys({ line: LINE, price_version: 'side.2' })}, ${sums(signed, "mapApply((key, nanos) -> (key, side.1 * nanos), CAST(r_moved_reductions, 'Map(String, Int64)'))")}
    FROM ${repriced}
    ARRAY JOIN [(-1, toString(r_price_version_before)), (1, toString(r_price_version))] AS side
    WHERE notEmpty(r_moved)
    GROUP BY ALL`;
  return `
  SELECT {project:String} AS project_id, made_at AS bucket, made_at AS origin, made_by AS entry, why AS reason,
    ${spendKeys.map(key => `k_${key} AS ${key}`).join(', ')}, ${[...spendNumbers, spendMap].map(name => `n_${name} AS ${name}`).join(', ')}
  FROM (
    ${WITH_UNITS}
    SELECT ${BUCKET} AS made_at, 'call' AS made_by, '' AS why, ${keys({ line: LINE })}, ${sums(ofCall, 'reductions')}
    FROM (${calls})
    GROUP BY ALL
    ${hasRepricings ? later : ''} ${hasMoves ? moves : ''}
  )`;
}
