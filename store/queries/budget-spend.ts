import type { SpendCondition } from '#contract/spend-where.ts';
import type { SpendDimension } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import { promptOf } from './where.ts';

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
  /** Calls that have no upper bound and are in neither sum. */
  unboundedCalls: number;
}

const perStatement = 30;
const settings = { max_threads: 1 };

/** Sums of several filters and times, a few in one read of the table. In the order of the asks. */
export async function budgetSpend(
  clickhouse: ClickHouse,
  projectId: string,
  asks: readonly SpendAsk[],
): Promise<SpendSum[]> {
  const sums: SpendSum[] = [];
  for (let at = 0; at < asks.length; at += perStatement) {
    sums.push(...(await sumsOf(clickhouse, projectId, asks.slice(at, at + perStatement))));
  }
  return sums;
}

async function sumsOf(
  clickhouse: ClickHouse,
  projectId: string,
  asks: readonly SpendAsk[],
): Promise<SpendSum[]> {
  const params: Record<string, unknown> = {
    project: projectId,
    from: Math.min(...asks.map(ask => ask.fromMs)) / 1000,
    to: Math.max(...asks.map(ask => ask.toMs)) / 1000,
  };
  const columns = asks.map((ask, index) => {
    const { sql, params: values } = conditionsSql(ask.conditions, `a${index}`);
    Object.assign(params, values, {
      [`from${index}`]: ask.fromMs / 1000,
      [`to${index}`]: ask.toMs / 1000,
    });
    const holds = `bucket >= toDateTime({from${index}:UInt32}, 'UTC') AND bucket < toDateTime({to${index}:UInt32}, 'UTC') ${sql}`;
    return `sumIf(cost_nanos, ${holds}), sumIf(high_nanos, ${holds}), sumIf(unbounded_calls, ${holds})`;
  });
  const [row] = await clickhouse.query<{ sums: string[] }>(
    `SELECT [${columns.join(', ')}] AS sums FROM spend_15m
     WHERE project_id = {project:String}
       AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')`,
    params,
    { settings },
  );
  const sums = row?.sums ?? [];
  return asks.map((_, index) => ({
    costNanos: BigInt(sums[index * 3] ?? 0),
    highNanos: BigInt(sums[index * 3 + 1] ?? 0),
    unboundedCalls: Number(sums[index * 3 + 2] ?? 0),
  }));
}

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

/** `AND …` over the columns of `spend_15m`; values of one dimension are alternatives. */
function conditionsSql(
  conditions: readonly SpendCondition[],
  prefix: string,
): { sql: string; params: Record<string, string[]> } {
  const byDimension = new Map<SpendDimension, string[]>();
  for (const { dimension, value } of conditions) {
    byDimension.set(dimension, [...(byDimension.get(dimension) ?? []), value]);
  }
  const params: Record<string, string[]> = {};
  const parts = [...byDimension].map(([dimension, values]) => {
    const name = `${prefix}_${dimension}`;
    params[name] = values;
    return `AND ${dimension === 'prompt' ? promptOf : dimension} IN {${name}:Array(String)}`;
  });
  return { sql: parts.join(' '), params };
}
