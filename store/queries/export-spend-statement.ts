import { type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { StatementCentre } from '#contract/statement.ts';
import type { ClickHouse } from '../engine/client.ts';

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

/** Sums have the names of their columns. */
const columnsFirst = { settings: { prefer_column_name_to_alias: 1 } } as const;

const inputs: SpendKind[] = spendKinds.filter(kind => /^(input|cache|embedding)/.test(kind));
const cached: SpendKind[] = ['cache_read', 'cache_read_audio'];
const outputs: SpendKind[] = ['output', 'reasoning', 'output_audio', 'output_image'];
const units = (kinds: readonly SpendKind[]) => kinds.map(kind => `units_${kind}`).join(' + ');

const part = (by: StatementCentre) => `project_id = {project:String}
  AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC') AND ${by} = {value:String}`;

const params = ({ projectId, fromMs, toMs, value, tz }: CentreOfMonth) => ({
  project: projectId,
  from: fromMs / 1000,
  to: toMs / 1000,
  value,
  tz,
});

/** What was booked for calls of the month itself, by line, feature and model. */
export function readCentre(clickhouse: ClickHouse, asked: CentreOfMonth): Promise<CentreRow[]> {
  return clickhouse.query<CentreRow>(
    `SELECT line, feature, model, provider, sum(calls) AS calls, sum(cost_nanos) AS cost, sum(low_nanos) AS low, sum(high_nanos) AS high,
       sum(tokens) AS tokens, sum(${units(inputs)}) AS input, sum(${units(cached)}) AS cached, sum(${units(outputs)}) AS output,
       sum(unpriced_calls) AS unpriced_calls, sum(unbounded_calls) AS unbounded_calls, sum(unpriced_tokens) AS unpriced_tokens
     FROM spend_15m WHERE ${part(asked.by)} AND entry != 'adjustment'
     GROUP BY line, feature, model, provider
     ORDER BY sum(cost_nanos) DESC, line, feature, model, provider`,
    params(asked),
    columnsFirst,
  );
}

export interface CentreAdjustment {
  /** `2026-08`, of the zone. */
  origin_month: string;
  reason: string;
  calls: string;
  cost: string;
}

/** What was booked in the month for months closed before. */
export function readCentreAdjustments(
  clickhouse: ClickHouse,
  asked: CentreOfMonth,
): Promise<CentreAdjustment[]> {
  return clickhouse.query<CentreAdjustment>(
    `SELECT formatDateTime(origin, '%Y-%m', {tz:String}) AS origin_month, reason, sum(calls) AS calls, sum(cost_nanos) AS cost
     FROM spend_15m WHERE ${part(asked.by)} AND entry = 'adjustment'
     GROUP BY origin_month, reason ORDER BY origin_month, reason`,
    params(asked),
    columnsFirst,
  );
}

export interface CentreTotal {
  value: string;
  calls: string;
  cost: string;
}

/** Every centre with spend in the month, the dearest first; at most 1,000. */
export function readCentres(
  clickhouse: ClickHouse,
  asked: Omit<CentreOfMonth, 'value'>,
): Promise<CentreTotal[]> {
  const everyone = part(asked.by).replace(`AND ${asked.by} = {value:String}`, '');
  return clickhouse.query<CentreTotal>(
    `SELECT ${asked.by} AS value, sum(calls) AS calls, sum(cost_nanos) AS cost
     FROM spend_15m WHERE ${everyone} GROUP BY value ORDER BY sum(cost_nanos) DESC, value LIMIT 1000`,
    params({ ...asked, value: '' }),
    columnsFirst,
  );
}
