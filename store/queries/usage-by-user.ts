import type { SpendCondition } from '#contract/spend-where.ts';
import type { ClickHouse } from '../engine/client.ts';

/** By what users' usage can be told apart and filtered. */
export type UsageDimension = 'feature' | 'environment' | 'tenant';

export interface UsageQuestion {
  projectId: string;
  /** The reporting zone: days counted in another are left out. */
  zone: string;
  /** `2026-11-20`, inclusive. */
  fromDay: string;
  /** Inclusive. */
  toDay: string;
}

/** A frozen part of the ledger: Unix seconds [from, to). */
type Frozen = readonly [fromS: number, toS: number];

export interface UserUsage extends Partial<Record<UsageDimension, string>> {
  /** Empty: calls that name no user. */
  user: string;
  /** Only when asked for by day. */
  day?: string;
  calls: string;
  /** A session counts once a day. */
  sessions: string;
  /** Of the priced calls, integer nano-dollars; null when no call has a price. */
  cost_nanos: string | null;
  unpriced_calls: string;
}

/**
 * What users used between two days of the reporting zone, the dearest first, priced as of now. Conditions are those of
 * spend on feature, environment and tenant; others are an error of the caller. What the ledger has booked otherwise, the frozen days of closed
 * months and the adjustments in open ones, stands under no user: so users add up to spend.
 */
export async function usageByUser(
  clickhouse: ClickHouse,
  question: UsageQuestion & {
    by?: readonly UsageDimension[];
    byDay?: boolean;
    where?: readonly SpendCondition[];
    frozen?: readonly Frozen[];
    limit: number;
  },
): Promise<{ rows: UserUsage[]; total: Omit<UserUsage, 'user'>; users: number }> {
  const { by = [], byDay = false, limit } = question;
  const keys = ['user', ...by, ...(byDay ? ['day'] : [])];
  const filter = usageWhere(question, question.where ?? []);
  const from = question.frozen?.length
    ? `(${usageOf(filter)} UNION ALL ${bookedOtherwise(filter)})`
    : `usage_by_user_1d WHERE ${filter.sql}`;
  const params = { ...filter.params, frozen: tuples(question.frozen ?? []) };
  const sums = `toString(sum(calls)) AS n, toString(sum(${by.includes('feature') ? 'sessions' : 'sessions_begun'})) AS s,
    if(sum(calls) = sum(unpriced_calls), NULL, toString(sum(toInt128(cost_nanos)))) AS c, toString(sum(unpriced_calls)) AS u`;
  const [rows, [total]] = await Promise.all([
    clickhouse.query<Summed & Partial<UserUsage>>(
      `SELECT ${keys.join(', ')}, ${sums} FROM ${from}
       GROUP BY ${keys.join(', ')} ORDER BY ${byDay ? 'day, ' : ''}sum(cost_nanos) DESC, ${keys.join(', ')} LIMIT {limit:UInt32}`,
      { ...params, limit },
    ),
    clickhouse.query<Summed & { users: string }>(
      `SELECT ${sums}, uniqExactIf(user, user != '') AS users FROM ${from}`,
      params,
    ),
  ]);
  return {
    rows: rows.map(({ n, s, c, u, ...key }) => ({ user: '', ...key, ...named({ n, s, c, u }) })),
    total: total ? named(total) : { calls: '0', sessions: '0', cost_nanos: null, unpriced_calls: '0' },
    users: Number(total?.users ?? 0),
  };
}

interface Summed {
  n: string;
  s: string;
  c: string | null;
  u: string;
}

const tuples = (frozen: readonly Frozen[]) => `[${frozen.map(([from, to]) => `(${from},${to})`).join(',')}]`;

const usageOf = ({ sql }: Filter) => `
SELECT user, day, feature, environment, tenant, toInt64(calls) AS calls, sessions, sessions_begun, cost_nanos,
  toInt64(unpriced_calls) AS unpriced_calls
FROM usage_by_user_1d WHERE ${sql}`;

const DAY_START = 'toUnixTimestamp(toDateTime(day, {zone:String}))';
const DAY_END = 'toUnixTimestamp(toDateTime(addDays(day, 1), {zone:String}))';
const IS_FROZEN_DAY = `arrayExists(part -> ${DAY_START} >= part.1 AND ${DAY_END} <= part.2, {frozen:Array(Tuple(UInt32, UInt32))})`;

/** For frozen days what was booked instead of what their calls cost now, and the adjustments of the others. */
const bookedOtherwise = ({ sql, conditions }: Filter) => `
SELECT '', day, feature, environment, tenant, sum(calls), 0, 0, sum(cost_nanos), sum(unpriced_calls)
FROM (SELECT *, toDate(bucket, {zone:String}) AS day FROM spend_15m
  WHERE project_id = {project:String}
    AND bucket >= toDateTime({fromDay:Date}, {zone:String}) AND bucket < toDateTime(addDays({toDay:Date}, 1), {zone:String})${conditions})
WHERE entry = 'adjustment' OR ${IS_FROZEN_DAY}
GROUP BY day, feature, environment, tenant
UNION ALL
SELECT '', day, feature, environment, tenant, -toInt64(sum(calls)), 0, 0, -sum(cost_nanos), -toInt64(sum(unpriced_calls))
FROM usage_by_user_1d WHERE ${sql} AND ${IS_FROZEN_DAY}
GROUP BY day, feature, environment, tenant`;

interface Filter {
  sql: string;
  /** Those on dimensions alone; begins with AND, or is empty. */
  conditions: string;
  params: Record<string, unknown>;
}

const named = ({ n, s, c, u }: Summed) => ({ calls: n, sessions: s, cost_nanos: c, unpriced_calls: u });

/** Conditions over `usage_by_user_1d`, with their parameters; values of one dimension are alternatives. */
export function usageWhere(
  { projectId, zone, fromDay, toDay }: UsageQuestion,
  asked: readonly { dimension: string; value: string }[],
): Filter {
  const params: Record<string, unknown> = { project: projectId, zone, fromDay, toDay };
  const parts = usageDimensions.flatMap(dimension => {
    const values = asked.filter(one => one.dimension === dimension).map(one => one.value);
    if (values.length === 0) return [];
    params[`where_${dimension}`] = values;
    return [`${dimension} IN {where_${dimension}:Array(String)}`];
  });
  const range =
    'project_id = {project:String} AND zone = {zone:String} AND day BETWEEN {fromDay:Date} AND {toDay:Date}';
  const conditions = parts.map(part => ` AND ${part}`).join('');
  return { sql: `${range}${conditions}`, conditions, params };
}

export const usageDimensions = ['feature', 'environment', 'tenant'] as const satisfies UsageDimension[];
