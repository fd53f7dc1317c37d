import type { SpendCondition } from '#contract/spend-where.ts';
import { type SpendDimension, type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { rangeParams, type SpendRange, sumsOfRange } from './spend-days.ts';
import { spendColumn, spendWhereSql } from './spend-where.ts';

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
  const keys = [`${spendColumn(by)} AS key`, 'provider', 'model', 'line'];
  const ofMonth = (name: string) => `sumIf(s_${name}, entry != 'adjustment')`;
  const kindSums = (name: 'units' | 'nanos') =>
    `map(${spendKinds.map(kind => `'${kind}', ${ofMonth(`${name}_${kind}`)}`).join(', ')}) AS ${name}`;
  // The sums are by entry, which the engine has ready; only their few rows are told apart.
  const side = (period: 0 | 1, range: string) => `
    SELECT key, provider, model, line, ${period} AS period, ${ofMonth('calls')} AS calls, ${ofMonth('tokens')} AS tokens,
      ${ofMonth('unpriced_tokens')} AS unpriced_tokens, sum(s_cost_nanos) AS cost,
      sumIf(s_cost_nanos, entry = 'adjustment') AS adjusted, ${kindSums('units')}, ${kindSums('nanos')}
    FROM (${sumsOfRange(range, { keys, numbers, filter: filter.sql })})
    GROUP BY key, provider, model, line
    HAVING calls != 0 OR tokens != 0 OR cost != 0 OR adjusted != 0`;
  return clickhouse.query<SpendCell>(`${side(0, 'before')} UNION ALL ${side(1, 'after')}`, {
    ...filter.params,
    project: projectId,
    ...rangeParams('before', before),
    ...rangeParams('after', after),
  });
}
