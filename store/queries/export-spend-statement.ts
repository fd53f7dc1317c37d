import { type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { StatementCentre } from '#contract/statement.ts';
import type { ClickHouse } from '../engine/client.ts';
import { numberIn, type SpendRange, sumsOfRanges } from './spend-days.ts';
import { chosenSums, mayChoose } from './spend-projection.ts';

/** One cost centre, and the zone that decides what month something was made in. */
export interface Centre {
  projectId: string;
  by: StatementCentre;
  value: string;
  tz: string;
}

/** Money in nano-dollars and counts, as decimal text. */
export interface CentreRow {
  /** The place of its month among those asked for. */
  month: number;
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
const sum = (name: string) => numberIn('m', numbers, name);
const units = (kinds: readonly SpendKind[]) => kinds.map(kind => sum(`units_${kind}`)).join(' + ');

/**
 * What was booked in some months for their own calls, by month, line, feature and model; and which of the months have bookings for
 * months closed before.
 */
export async function readCentre(
  clickhouse: ClickHouse,
  { projectId, by, value }: Centre,
  months: readonly SpendRange[],
): Promise<{ rows: CentreRow[]; adjusted: ReadonlySet<number> }> {
  const keys = ['line', 'feature', 'model', 'provider'];
  const filter = `AND ${by} = {value:String}`;
  const rows = await clickhouse.query<CentreRow & { adjusted: 0 | 1 }>(
    `SELECT range_ AS month, entry = 'adjustment' AS adjusted, ${keys.join(', ')},
       (sumForEach(sums) AS m)[1] AS calls, ${sum('cost_nanos')} AS cost, ${sum('low_nanos')} AS low, ${sum('high_nanos')} AS high,
       ${sum('tokens')} AS tokens, ${units(inputs)} AS input, ${units(cached)} AS cached, ${units(outputs)} AS output,
       ${sum('unpriced_calls')} AS unpriced_calls, ${sum('unbounded_calls')} AS unbounded_calls, ${sum('unpriced_tokens')} AS unpriced_tokens
     FROM (${sumsOfRanges(months, { keys: [...keys, 'entry'], numbers, filter })})
     GROUP BY month, adjusted, ${keys.join(', ')}
     HAVING adjusted OR calls != 0 OR cost != 0 OR tokens != 0 OR unpriced_calls != 0
     ORDER BY cost DESC, ${keys.join(', ')}`,
    { project: projectId, value },
    { settings: mayChoose },
  );
  return {
    rows: rows.filter(({ adjusted }) => !adjusted),
    adjusted: new Set(rows.filter(({ adjusted }) => adjusted).map(({ month }) => month)),
  };
}

export interface CentreAdjustment {
  /** `2026-08`, of the zone. */
  origin_month: string;
  reason: string;
  n: string;
  cost: string;
}

/** What was booked in a month for months closed before. Only the ledger itself knows reasons: of the few days that have any it is read. */
export async function readCentreAdjustments(
  clickhouse: ClickHouse,
  { projectId, by, value, tz }: Centre,
  { fromMs, toMs }: SpendRange,
): Promise<CentreAdjustment[]> {
  const where = `project_id = {project:String} AND ${by} = {value:String} AND entry = 'adjustment'`;
  const params = { project: projectId, from: fromMs / 1000, to: toMs / 1000, value, tz };
  const days = await clickhouse.query<{ day: number }>(
    `SELECT toYYYYMMDD(bucket) AS day, sum(calls) AS n FROM spend_15m
     WHERE ${where} AND toYYYYMMDD(bucket) >= toYYYYMMDD(toDateTime({from:UInt32}, 'UTC'))
       AND toYYYYMMDD(bucket) <= toYYYYMMDD(toDateTime({to:UInt32}, 'UTC'))
     GROUP BY day ${chosenSums({ unit: 'day', keys: [by], numbers: ['calls'] })}`,
    params,
    { settings: mayChoose },
  );
  if (days.length === 0) return [];
  return clickhouse.query<CentreAdjustment>(
    `SELECT formatDateTime(origin, '%Y-%m', {tz:String}) AS origin_month, reason, sum(calls) AS n, sum(cost_nanos) AS cost
     FROM spend_15m
     WHERE ${where} AND toYYYYMMDD(bucket) IN {days:Array(UInt32)}
       AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')
     GROUP BY origin_month, reason ORDER BY origin_month, reason`,
    { ...params, days: days.map(({ day }) => day) },
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
  { projectId, by, ...month }: Pick<Centre, 'projectId' | 'by'> & SpendRange,
): Promise<CentreTotal[]> {
  return clickhouse.query<CentreTotal>(
    `SELECT ${by} AS value, (sumForEach(sums) AS m)[1] AS n, m[2] AS cost
     FROM (${sumsOfRanges([month], { keys: [by], numbers: ['calls', 'cost_nanos'], filter: '' })})
     GROUP BY value HAVING n != 0 OR cost != 0 ORDER BY cost DESC, value LIMIT 1000`,
    { project: projectId },
    { settings: mayChoose },
  );
}
