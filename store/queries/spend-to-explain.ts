import type { SpendCondition } from '#contract/spend-where.ts';
import { type SpendDimension, type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { partsOfRanges, type SpendRange } from './spend-days.ts';
import { mayChoose } from './spend-projection.ts';
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
  /** Of these calls. */
  unpriced_calls: string;
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
  const keys = [`${spendColumn(by)} AS key`, 'provider', 'model', 'line', 'entry'];
  const rowsOf = (source: string) =>
    clickhouse.query<CellRow>(
      `SELECT key, provider, model, line, range_ AS period, entry = 'adjustment' AS adjusted, sumForEach(sums) AS sums
       FROM (${source})
       GROUP BY key, provider, model, line, period, adjusted`,
      { ...filter.params, project: projectId },
      { settings: mayChoose },
    );
  // Planning so many sums takes longer than adding them up, and one core does it: two plans are made at once.
  const parts = partsOfRanges([before, after], { keys, numbers, filter: filter.sql });
  const cells = cellsOf((await Promise.all(parts.map(rowsOf))).flat());
  return cells.filter(({ calls, tokens, cost, adjusted }) =>
    [calls, tokens, cost, adjusted].some(sum => sum !== '0'),
  );
}

const counts = ['calls', 'unpriced_calls', 'tokens', 'unpriced_tokens', 'cost_nanos'];
const numbers = [...counts, ...spendKinds.flatMap(kind => [`units_${kind}`, `nanos_${kind}`])];
const costAt = counts.indexOf('cost_nanos');

type CellRow = Pick<SpendCell, 'key' | 'provider' | 'model' | 'line' | 'period'> & {
  adjusted: 0 | 1;
  /** Of `numbers`. */
  sums: string[];
};

/** One cell of all rows of a key: what the days have too much the ends take away. */
function cellsOf(rows: readonly CellRow[]): SpendCell[] {
  const cells = new Map<string, CellRow & { cost: string }>();
  for (const row of rows) {
    const key = JSON.stringify([row.period, row.key, row.provider, row.model, row.line]);
    const known = cells.get(key);
    const own = row.adjusted ? nothing : row.sums;
    cells.set(key, {
      ...row,
      sums: known ? known.sums.map((sum, at) => added(sum, own[at]!)) : own,
      cost: added(known?.cost ?? '0', row.sums[costAt]!),
    });
  }
  return [...cells.values()].map(cellOf);
}

const nothing = numbers.map(() => '0');
const added = (one: string, other: string) =>
  other === '0' ? one : one === '0' ? other : (BigInt(one) + BigInt(other)).toString();

/** `sums` are of the period's own calls; the rest of the cost was booked for earlier ones. */
function cellOf({ key, provider, model, line, period, sums, cost }: CellRow & { cost: string }): SpendCell {
  const [calls = '0', unpriced_calls = '0', tokens = '0', unpriced_tokens = '0', own = '0'] = sums;
  const ofKinds = (first: number) => {
    const of = {} as SpendCell['units'];
    for (const [at, kind] of spendKinds.entries()) of[kind] = sums[counts.length + 2 * at + first]!;
    return of;
  };
  return {
    ...{ key, provider, model, line, period, calls, unpriced_calls, tokens, unpriced_tokens, cost },
    adjusted: own === cost ? '0' : (BigInt(cost) - BigInt(own)).toString(),
    units: ofKinds(0),
    nanos: ofKinds(1),
  };
}
