import type { SpendCondition } from '#contract/spend-where.ts';
import { type SpendDimension, type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';

/** Unix milliseconds on quarters of an hour, [fromMs, toMs). */
export interface SpendRange {
  fromMs: number;
  toMs: number;
}

/** What was spent on one model and line in one of two ranges; decimal text, nano-dollars. */
export interface SpendCell {
  key: string;
  provider: string;
  model: string;
  line: string;
  /** 0: the range before, 1: the one after. */
  period: 0 | 1;
  calls: string;
  tokens: string;
  unpriced_tokens: string;
  cost: string;
  /** Part of cost that was booked for closed months; none of it is in units and nanos. */
  adjusted: string;
  units: Record<SpendKind, string>;
  nanos: Record<SpendKind, string>;
}

const dayMs = 86_400_000;

/**
 * A range as whole days of UTC, 20261024 [FromDay, ToDay), between the midnights nearest to its bounds (First, Last: Unix
 * seconds, like From and To); what lies between a bound and its midnight is added or taken away.
 */
function daysAndEnds({ fromMs, toMs }: SpendRange) {
  const firstMs = Math.round(fromMs / dayMs) * dayMs;
  const lastMs = Math.round(toMs / dayMs) * dayMs;
  const day = (ms: number) => Number(new Date(ms).toISOString().slice(0, 10).replaceAll('-', ''));
  return {
    FromDay: day(firstMs),
    ToDay: day(lastMs),
    From: fromMs / 1000,
    First: firstMs / 1000,
    Last: lastMs / 1000,
    To: toMs / 1000,
  };
}

const named = (name: string, range: SpendRange) =>
  Object.fromEntries(Object.entries(daysAndEnds(range)).map(([part, value]) => [name + part, value]));

const wholeDays = (name: string) =>
  `toYYYYMMDD(bucket) >= {${name}FromDay:UInt32} AND toYYYYMMDD(bucket) < {${name}ToDay:UInt32}`;

const between = (from: string, to: string) =>
  `bucket >= toDateTime({${from}:UInt32}, 'UTC') AND bucket < toDateTime({${to}:UInt32}, 'UTC')`;
const outside = (name: string) =>
  `(${between(`${name}From`, `${name}First`)} OR ${between(`${name}Last`, `${name}To`)})`;
const inside = (name: string) =>
  `(${between(`${name}First`, `${name}From`)} OR ${between(`${name}To`, `${name}Last`)})`;

/** Everything two ranges differ in, by one dimension, model and line. Ranges that overlap count in both. */
export async function readSpendCells(
  clickhouse: ClickHouse,
  asked: {
    projectId: string;
    by: SpendDimension;
    where: readonly SpendCondition[];
    before: SpendRange;
    after: SpendRange;
  },
): Promise<SpendCell[]> {
  const { projectId, by, where, before, after } = asked;
  const filter = spendWhereSql(where);
  const numbers = [
    'calls',
    'tokens',
    'unpriced_tokens',
    'cost_nanos',
    ...spendKinds.flatMap(kind => [`units_${kind}`, `nanos_${kind}`]),
  ];
  const sums = (time: string, sign = '') => `
      SELECT ${spendColumn(by)} AS key, provider, model, line, entry, ${numbers.map(name => `${sign}sum(${name}) AS s_${name}`).join(', ')}
      FROM spend_15m WHERE project_id = {project:String} AND ${time} ${filter.sql}
      GROUP BY key, provider, model, line, entry`;
  const ofMonth = (name: string) => `sumIf(s_${name}, entry != 'adjustment')`;
  const kindSums = (name: 'units' | 'nanos') =>
    `map(${spendKinds.map(kind => `'${kind}', ${ofMonth(`${name}_${kind}`)}`).join(', ')}) AS ${name}`;
  // Plain sums by entry, which the engine has ready for whole days (by_day); only their few rows are told apart.
  const side = (period: 0 | 1, range: string) => `
    SELECT key, provider, model, line, ${period} AS period, ${ofMonth('calls')} AS calls, ${ofMonth('tokens')} AS tokens,
      ${ofMonth('unpriced_tokens')} AS unpriced_tokens, sum(s_cost_nanos) AS cost,
      sumIf(s_cost_nanos, entry = 'adjustment') AS adjusted, ${kindSums('units')}, ${kindSums('nanos')}
    FROM (${sums(wholeDays(range))} UNION ALL ${sums(outside(range))} UNION ALL ${sums(inside(range), '-')})
    GROUP BY key, provider, model, line
    HAVING calls != 0 OR tokens != 0 OR cost != 0 OR adjusted != 0`;
  return clickhouse.query<SpendCell>(`${side(0, 'before')} UNION ALL ${side(1, 'after')}`, {
    ...filter.params,
    project: projectId,
    ...named('before', before),
    ...named('after', after),
  });
}
