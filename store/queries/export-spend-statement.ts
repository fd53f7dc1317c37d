import { type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { StatementCentre } from '#contract/statement.ts';
import type { ClickHouse } from '../engine/client.ts';
import { rangeParams, sumsOfRange } from './spend-days.ts';

/** Spend of one cost centre in one month: Unix milliseconds [fromMs, toMs) on quarters of an hour. */
export interface CentreOfMonth {
  projectId: string;
  fromMs: number;
  toMs: number;
  by: StatementCentre;
  value: string;
  tz: string;
}

/** Money in nano-dollars and counts, as decimal text. */
export interface CentreRow {
  line: string;
  feature: string;
  model: string;
  provider: string;
  calls: string;
  cost: string;
  low: string;
  high: string;
  tokens: string;
  input: string;
  cached: string;
  output: string;
  unpriced_calls: string;
  unbounded_calls: string;
  unpriced_tokens: string;
}

const inputs: SpendKind[] = spendKinds.filter(kind => /^(input|cache|embedding)/.test(kind));
const cached: SpendKind[] = ['cache_read', 'cache_read_audio'];
const outputs: SpendKind[] = ['output', 'reasoning', 'output_audio', 'output_image'];
const units = (kinds: readonly SpendKind[]) => kinds.map(kind => `s_units_${kind}`).join(' + ');

const numbers = [
  'calls',
  'cost_nanos',
  'low_nanos',
  'high_nanos',
  'tokens',
  'unpriced_calls',
  'unbounded_calls',
  'unpriced_tokens',
  ...[...inputs, ...outputs].map(kind => `units_${kind}`),
];

/** What was booked for calls of the month itself, by line, feature and model. */
export function readCentre(clickhouse: ClickHouse, asked: CentreOfMonth): Promise<CentreRow[]> {
  const keys = ['line', 'feature', 'model', 'provider'];
  return clickhouse.query<CentreRow>(
    `SELECT ${keys.join(', ')}, sum(s_calls) AS calls, sum(s_cost_nanos) AS cost, sum(s_low_nanos) AS low, sum(s_high_nanos) AS high,
       sum(s_tokens) AS tokens, sum(${units(inputs)}) AS input, sum(${units(cached)}) AS cached, sum(${units(outputs)}) AS output,
       sum(s_unpriced_calls) AS unpriced_calls, sum(s_unbounded_calls) AS unbounded_calls, sum(s_unpriced_tokens) AS unpriced_tokens
     FROM (${sumsOfRange('month', { keys, numbers, filter: `AND ${asked.by} = {value:String}` })})
     WHERE entry != 'adjustment'
     GROUP BY ${keys.join(', ')}
     HAVING calls != 0 OR cost != 0 OR tokens != 0 OR unpriced_calls != 0
     ORDER BY cost DESC, ${keys.join(', ')}`,
    { project: asked.projectId, value: asked.value, ...rangeParams('month', asked) },
  );
}

export interface CentreAdjustment {
  /** `2026-08`, of the zone. */
  origin_month: string;
  reason: string;
  n: string;
  cost: string;
}

/** What was booked in the month for months closed before. */
export function readCentreAdjustments(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, by, value, tz }: CentreOfMonth,
): Promise<CentreAdjustment[]> {
  return clickhouse.query<CentreAdjustment>(
    `SELECT formatDateTime(origin, '%Y-%m', {tz:String}) AS origin_month, reason, sum(calls) AS n, sum(cost_nanos) AS cost
     FROM spend_15m
     WHERE project_id = {project:String} AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')
       AND ${by} = {value:String} AND entry = 'adjustment'
     GROUP BY origin_month, reason ORDER BY origin_month, reason`,
    { project: projectId, from: fromMs / 1000, to: toMs / 1000, value, tz },
  );
}

export interface CentreTotal {
  value: string;
  n: string;
  cost: string;
}

/** Every centre with spend in the month, the dearest first; at most 1,000. */
export function readCentres(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, by }: Pick<CentreOfMonth, 'projectId' | 'fromMs' | 'toMs' | 'by'>,
): Promise<CentreTotal[]> {
  return clickhouse.query<CentreTotal>(
    `SELECT ${by} AS value, sum(calls) AS n, sum(cost_nanos) AS cost
     FROM spend_15m
     WHERE project_id = {project:String} AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')
     GROUP BY value ORDER BY cost DESC, value LIMIT 1000`,
    { project: projectId, from: fromMs / 1000, to: toMs / 1000 },
  );
}
