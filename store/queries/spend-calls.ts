import type { SpendCondition } from '#contract/spend-where.ts';
import type { SpendKind } from '#contract/spend-words.ts';
import { spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { LINE, WITH_UNITS } from './spend-of-calls.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';
import { promptOf } from './where.ts';

export interface SpendCallsQuestion {
  projectId: string;
  /** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  where: readonly SpendCondition[];
  kind?: SpendKind | undefined;
  /** Only those without a price, or only those with one. */
  unpriced?: boolean | undefined;
  /** Further columns of `calls`. */
  columns: readonly string[];
  limit: number;
  /** Only calls older than this one. */
  before?: { start: string; traceId: string; spanId: string } | undefined;
}

/** A call of the ledger; counts and money are decimal text, nano-dollars. */
export interface SpendCallRow {
  trace_id: string;
  span_id: string;
  start_time: string;
  version: string;
  feature: string;
  tenant: string;
  team: string;
  environment: string;
  service: string;
  provider: string;
  model: string;
  request_model: string;
  response_model: string;
  prompt: string;
  variant: string;
  service_tier: string;
  line: string;
  attempts: number;
  failed_attempts: number;
  cost_nanos: string | null;
  cost_low_nanos: string | null;
  cost_high_nanos: string | null;
  uncached_nanos: string | null;
  client_cost_nanos: string | null;
  price_version: string;
  /** By `discount.<kind>` and so on. */
  reductions: Record<string, string>;
  nanos: Record<string, string>;
  units: Record<string, string>;
  flags: string[];
}

export interface RepricingOfCall {
  trace_id: string;
  span_id: string;
  against_version: string;
  posting_id: string;
  posted_at: string;
  price_version_before: string;
  price_version: string;
  cost_nanos: string;
  unpriced_calls: number;
}

export interface AdjustmentRow {
  bucket: string;
  origin: string;
  reason: string;
  feature: string;
  model: string;
  calls: string;
  cost: string;
}

const columnOf = (dimension: SpendCondition['dimension']) =>
  dimension === 'line' ? LINE : spendColumn(dimension);

const shownColumns = [
  ...[
    'trace_id',
    'span_id',
    'start_time',
    'version',
    'feature',
    'tenant',
    'team',
    'environment',
    'service',
    'provider',
  ],
  ...[
    'model',
    'request_model',
    'response_model',
    'variant',
    'service_tier',
    'attempts',
    'failed_attempts',
    'flags',
  ],
  ...[
    'cost_nanos',
    'cost_low_nanos',
    'cost_high_nanos',
    'uncached_nanos',
    'client_cost_nanos',
    'price_version',
    'reductions',
  ],
];

const inBuckets = (column: string) =>
  `project_id = {project:String} AND ${column} >= toDateTime({from:UInt32}, 'UTC') AND ${column} < toDateTime({to:UInt32}, 'UTC')`;

/**
 * The newest calls of the question with their units by kind. Only as much time is read as `spend_15m` says is needed to fill the
 * page, so a month of a hundred million calls costs as little as an hour.
 */
export async function readSpendCalls<Row>(
  clickhouse: ClickHouse,
  asked: SpendCallsQuestion,
): Promise<(Row & SpendCallRow)[]> {
  const { kind, unpriced, before, limit } = asked;
  const fromS = await firstBucket(clickhouse, asked);
  if (fromS === null) return [];
  const where = spendWhereSql(asked.where, columnOf);
  const older = before
    ? "AND (start_time, trace_id, span_id) < (toDateTime64({start:String}, 9, 'UTC'), {trace:String}, {span:String})"
    : '';
  const priced =
    unpriced === undefined
      ? ''
      : `AND ${unpriced ? '' : 'NOT '}(isNull(cost_nanos) AND ifNull(cost_high_nanos, 1) != 0)`;
  const kinds = spendKinds.map(name => `'${name}', toInt64(u_${name})`).join(', ');
  return clickhouse.query<Row & SpendCallRow>(
    `${WITH_UNITS}
     SELECT ${[...new Set([...shownColumns, ...asked.columns])].join(', ')}, ${promptOf} AS prompt, ${LINE} AS line, cost_by_kind AS nanos, map(${kinds}) AS units
     FROM (SELECT * FROM calls FINAL WHERE ${inBuckets('start_time')} ${where.sql} ${priced} ${older})
     ${kind ? `WHERE u_${kind} > 0` : ''}
     ORDER BY start_time DESC, trace_id DESC, span_id DESC LIMIT {limit:UInt32}`,
    {
      ...where.params,
      project: asked.projectId,
      from: fromS,
      to: asked.toMs / 1000,
      limit,
      ...(before && { start: before.start, trace: before.traceId, span: before.spanId }),
    },
    { settings: { do_not_merge_across_partitions_select_final: 1 } },
  );
}

/** Start of the newest stretch of time that holds a page of such calls, Unix seconds; null when there are none. */
async function firstBucket(clickhouse: ClickHouse, asked: SpendCallsQuestion): Promise<number | null> {
  const { projectId, fromMs, toMs, limit, before, kind, unpriced } = asked;
  const where = spendWhereSql(asked.where);
  const until = before ? Math.min(toMs, Date.parse(`${before.start.replace(' ', 'T').slice(0, 23)}Z`)) : toMs;
  const counted =
    unpriced === true ? 'unpriced_calls' : unpriced === false ? 'calls - unpriced_calls' : 'calls';
  // Of a kind it is known in which buckets it was used, not by how many calls: one at least.
  const n = kind ? `sum(if(units_${kind} > 0, 1, 0))` : `sum(${counted})`;
  const rows = await clickhouse.query<{ at: number; n: string }>(
    `SELECT toUnixTimestamp(bucket) AS at, ${n} AS n FROM spend_15m
     WHERE ${inBuckets('bucket')} AND entry = 'call' ${where.sql} GROUP BY at HAVING n > 0 ORDER BY at DESC LIMIT {pages:UInt32}`,
    // The bucket of the last call of the page before may have given all it has.
    {
      ...where.params,
      project: projectId,
      from: fromMs / 1000,
      to: Math.ceil((until + 1) / 900_000) * 900,
      pages: 50_000,
    },
  );
  let sum = 0;
  for (const [at, row] of rows.entries()) {
    if (at > 0 || !before) sum += Number(row.n);
    if (sum >= limit) return row.at;
  }
  return rows.at(-1)?.at ?? null;
}

/** Every repricing of some calls that holds for the row they have, the oldest first. */
export async function repricingsOf(
  clickhouse: ClickHouse,
  projectId: string,
  calls: readonly Pick<SpendCallRow, 'trace_id' | 'span_id' | 'version' | 'start_time'>[],
): Promise<RepricingOfCall[]> {
  if (calls.length === 0) return [];
  const times = calls.map(({ start_time }) => start_time).sort();
  return clickhouse.query<RepricingOfCall>(
    `SELECT trace_id, span_id, against_version, posting_id, posted_at, price_version_before, price_version, cost_nanos, unpriced_calls
     FROM call_repricings FINAL
     WHERE project_id = {project:String} AND start_time >= toDateTime64({first:String}, 9, 'UTC') AND start_time <= toDateTime64({last:String}, 9, 'UTC')
       AND has(arrayZip({traces:Array(String)}, {spans:Array(String)}, {versions:Array(String)}), (trace_id, span_id, toString(against_version)))
     ORDER BY posted_at, posting_id`,
    {
      project: projectId,
      first: times[0],
      last: times.at(-1),
      traces: calls.map(({ trace_id }) => trace_id),
      spans: calls.map(({ span_id }) => span_id),
      versions: calls.map(({ version }) => version),
    },
  );
}

/** What was booked in a range for buckets of closed months, the largest first. */
export async function readAdjustments(
  clickhouse: ClickHouse,
  {
    projectId,
    fromMs,
    toMs,
    where,
    limit,
  }: Pick<SpendCallsQuestion, 'projectId' | 'fromMs' | 'toMs' | 'where' | 'limit'>,
): Promise<AdjustmentRow[]> {
  const { sql, params } = spendWhereSql(where);
  return clickhouse.query<AdjustmentRow>(
    `SELECT bucket, origin, reason, feature, model, sum(calls) AS calls, sum(cost_nanos) AS cost FROM spend_15m
     WHERE ${inBuckets('bucket')} AND entry = 'adjustment' ${sql}
     GROUP BY bucket, origin, reason, feature, model ORDER BY abs(cost) DESC, origin LIMIT {limit:UInt32}`,
    { ...params, project: projectId, from: fromMs / 1000, to: toMs / 1000, limit },
  );
}
