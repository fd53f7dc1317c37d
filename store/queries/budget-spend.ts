import type { SpendCondition } from '#contract/spend-where.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { sumsOfRanges } from './spend-days.ts';
import { mayChoose } from './spend-projection.ts';
import { spendColumn } from './spend-where.ts';

/** One sum of spend: of what, and from when to when, Unix milliseconds on quarters of an hour. */
export interface SpendAsk {
  conditions: readonly SpendCondition[];
  fromMs: number;
  toMs: number;
}

export interface SpendSum {
  costNanos: bigint;
  /** Where a price is uncertain, the most that it can be. */
  highNanos: bigint;
  calls: number;
  /** Calls that have no upper bound and are in neither sum. */
  unboundedCalls: number;
}

const perStatement = 30;
const settings = { max_threads: 1 };
const numbers = ['cost_nanos', 'high_nanos', 'unbounded_calls', 'calls'];

/** Sums of several filters and times, a few in one read of the ledger. In the order of the asks. */
export async function budgetSpend(
  clickhouse: ClickHouse,
  projectId: string,
  asks: readonly SpendAsk[],
): Promise<SpendSum[]> {
  const sums = new Map<SpendAsk, SpendSum>();
  // Tenants are many: those who name one do not make the others go through them.
  for (const some of [asks.filter(namesTenant), asks.filter(ask => !namesTenant(ask))]) {
    for (let at = 0; at < some.length; at += perStatement) {
      const read = some.slice(at, at + perStatement);
      for (const [index, sum] of (await sumsOf(clickhouse, projectId, read)).entries())
        sums.set(read[index]!, sum);
    }
  }
  return asks.map(ask => sums.get(ask)!);
}

const namesTenant = ({ conditions }: SpendAsk) => conditions.some(({ dimension }) => dimension === 'tenant');

/** Each time once, by everything that any of them is filtered by: the engine's sums of days know that, and then there are few rows. */
async function sumsOf(
  clickhouse: ClickHouse,
  projectId: string,
  asks: readonly SpendAsk[],
): Promise<SpendSum[]> {
  const params: Record<string, unknown> = { project: projectId };
  const times = [...new Map(asks.map(ask => [timeOf(ask), ask])).keys()];
  const ranges = times.map(time => asks.find(ask => timeOf(ask) === time)!);
  const dimensions = [...new Set(asks.flatMap(ask => ask.conditions.map(({ dimension }) => dimension)))];
  const filters = asks.map(({ conditions }, index) => {
    const ofRows = conditionsSql(conditions, `a${index}`);
    Object.assign(params, ofRows.params);
    return { ofRows: ofRows.sql, ofSums: conditionsSql(conditions, `a${index}`, aliasOfDimension).sql };
  });
  const sums = asks.map(
    (ask, index) => `sumForEachIf(sums, range_ = ${times.indexOf(timeOf(ask))} ${filters[index]!.ofSums})`,
  );
  const source = sumsOfRanges(ranges, {
    keys: dimensions.map(name => `${spendColumn(name)} AS ${aliasOfDimension(name)}`),
    numbers,
    filter: filters.every(({ ofRows }) => ofRows)
      ? `AND (${[...new Set(filters.map(({ ofRows }) => `(1 ${ofRows})`))].join(' OR ')})`
      : '',
  });
  const [row] = await clickhouse.query<{ all: string[][] }>(
    `SELECT [${sums.join(', ')}] AS all FROM (${source})`,
    params,
    { settings: { ...settings, ...mayChoose } },
  );
  return asks.map((_, index) => {
    const [cost = 0, high = 0, unbounded, calls] = row?.all[index] ?? [];
    return {
      costNanos: BigInt(cost),
      highNanos: BigInt(high),
      unboundedCalls: Number(unbounded ?? 0),
      calls: Number(calls ?? 0),
    };
  });
}

const timeOf = ({ fromMs, toMs }: SpendAsk) => `${fromMs} ${toMs}`;
const aliasOfDimension = (dimension: SpendDimension) => `of_${dimension}`;

/** Spend of one hour on the clock of the zone, in USD: it is for forecasts, not for booking. */
export interface SpendHour {
  /** Date in the zone. */
  date: string;
  hour: number;
  usd: number;
}

/** Hours with spend between two instants, oldest first: the high bound, or what is priced for certain. */
export async function spendHours(
  clickhouse: ClickHouse,
  projectId: string,
  { conditions, fromMs, toMs, zone, of = 'high' }: SpendAsk & { zone: string; of?: 'high' | 'cost' },
): Promise<SpendHour[]> {
  const { sql, params } = conditionsSql(conditions, 'h');
  return clickhouse.query<SpendHour>(
    `SELECT toString(toDate(bucket, {zone:String})) AS date, toHour(bucket, {zone:String}) AS hour,
       sum(${of === 'high' ? 'high_nanos' : 'cost_nanos'}) / 1e9 AS usd
     FROM spend_15m
     WHERE project_id = {project:String}
       AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC') ${sql}
     GROUP BY date, hour ORDER BY date, hour`,
    { ...params, project: projectId, zone, from: fromMs / 1000, to: toMs / 1000 },
    { settings },
  );
}

/** `AND …` over the columns of `spend_15m`, or what they are called; values of one dimension are alternatives. */
function conditionsSql(
  conditions: readonly SpendCondition[],
  prefix: string,
  columnOf: (dimension: SpendDimension) => string = spendColumn,
): { sql: string; params: Record<string, string[]> } {
  const byDimension = new Map<SpendDimension, string[]>();
  for (const { dimension, value } of conditions) {
    byDimension.set(dimension, [...(byDimension.get(dimension) ?? []), value]);
  }
  const params: Record<string, string[]> = {};
  const parts = [...byDimension].map(([dimension, values]) => {
    const name = `${prefix}_${dimension}`;
    params[name] = values;
    return `AND ${columnOf(dimension)} IN {${name}:Array(String)}`;
  });
  return { sql: parts.join(' '), params };
}
