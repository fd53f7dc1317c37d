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
 * spend on feature, environment and tenant; others are an error of the caller.
 */
export async function usageByUser(
  clickhouse: ClickHouse,
  question: UsageQuestion & {
    by?: readonly UsageDimension[];
    byDay?: boolean;
    where?: readonly SpendCondition[];
    limit: number;
  },
): Promise<{ rows: UserUsage[]; total: Omit<UserUsage, 'user'>; users: number }> {
  const { by = [], byDay = false, limit } = question;
  const keys = ['user', ...by, ...(byDay ? ['day'] : [])];
  const filter = usageWhere(question, question.where ?? []);
  const sums = `toString(sum(calls)) AS n, toString(sum(${by.includes('feature') ? 'sessions' : 'sessions_begun'})) AS s,
    if(sum(calls) = sum(unpriced_calls), NULL, toString(sum(toInt128(cost_nanos)))) AS c, toString(sum(unpriced_calls)) AS u`;
  const [rows, [total]] = await Promise.all([
    clickhouse.query<Summed & Partial<UserUsage>>(
      `SELECT ${keys.join(', ')}, ${sums} FROM usage_by_user_1d WHERE ${filter.sql}
       GROUP BY ${keys.join(', ')} ORDER BY ${byDay ? 'day, ' : ''}sum(cost_nanos) DESC, ${keys.join(', ')} LIMIT {limit:UInt32}`,
      { ...filter.params, limit },
    ),
    clickhouse.query<Summed & { users: string }>(
      `SELECT ${sums}, uniqExactIf(user, user != '') AS users FROM usage_by_user_1d WHERE ${filter.sql}`,
      filter.params,
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

const named = ({ n, s, c, u }: Summed) => ({ calls: n, sessions: s, cost_nanos: c, unpriced_calls: u });

/** Conditions over `usage_by_user_1d`, with their parameters; values of one dimension are alternatives. */
export function usageWhere(
  { projectId, zone, fromDay, toDay }: UsageQuestion,
  conditions: readonly { dimension: string; value: string }[],
): { sql: string; params: Record<string, unknown> } {
  const params: Record<string, unknown> = { project: projectId, zone, fromDay, toDay };
  const parts = usageDimensions.flatMap(dimension => {
    const values = conditions.filter(one => one.dimension === dimension).map(one => one.value);
    if (values.length === 0) return [];
    params[`where_${dimension}`] = values;
    return [`${dimension} IN {where_${dimension}:Array(String)}`];
  });
  const range =
    'project_id = {project:String} AND zone = {zone:String} AND day BETWEEN {fromDay:Date} AND {toDay:Date}';
  return { sql: [range, ...parts].join(' AND '), params };
}

export const usageDimensions = ['feature', 'environment', 'tenant'] as const satisfies UsageDimension[];
