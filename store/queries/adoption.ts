import type { ClickHouse } from '../engine/client.ts';
import { type UsageQuestion, usageWhere } from './usage-by-user.ts';

export interface AdoptionQuestion extends UsageQuestion {
  period: 'day' | 'week' | 'month';
  /** On feature, environment and tenant. */
  where: readonly { dimension: string; value: string }[];
}

const startOf = { day: 'day', week: 'toStartOfWeek(day, 1)', month: 'toStartOfMonth(day)' } as const;

const EVER = { fromDay: '1971-01-01', toDay: '2149-06-06' };

/** The part of the table that is asked about, and the day on which each of its users was first seen in it. */
function asked(question: AdoptionQuestion) {
  const { sql, params } = usageWhere(question, question.where);
  const ever = sql.replace('day BETWEEN {fromDay:Date} AND {toDay:Date}', 'day <= {toDay:Date}');
  const first = (keys: string) =>
    `SELECT ${keys}, min(day) AS first_day FROM usage_by_user_1d WHERE ${ever} AND user != '' GROUP BY ${keys}`;
  const byFeature = question.where.some(({ dimension }) => dimension === 'feature');
  return { sql, ever, params, first, sessions: byFeature ? 'sessions' : 'sessions_begun' };
}

/** Users, sessions and calls of each period, oldest first; `start` is its first day. */
export function usagePeriods(clickhouse: ClickHouse, question: AdoptionQuestion) {
  const { sql, params, first, sessions } = asked(question);
  const start = startOf[question.period];
  return clickhouse.query<
    Record<'start' | 'users' | 'new_users' | 'sessions' | 'calls' | 'calls_without_user', string>
  >(
    `SELECT toString(${start}) AS start, uniqExactIf(user, user != '') AS users,
       uniqExactIf(user, user != '' AND f.first_day >= ${start}) AS new_users,
       sum(u.${sessions}) AS sessions, sum(u.calls) AS calls, sumIf(u.calls, user = '') AS calls_without_user
     FROM usage_by_user_1d AS u LEFT JOIN (${first('user')}) AS f ON u.user = f.user
     WHERE ${sql} GROUP BY start ORDER BY start`,
    params,
  );
}

/** The same for the whole range by feature, the most used first. */
export function usageFeatures(clickhouse: ClickHouse, question: AdoptionQuestion) {
  const { sql, params, first } = asked(question);
  return clickhouse.query<
    Record<
      'feature' | 'users' | 'new_users' | 'sessions' | 'calls' | 'calls_without_user' | 'unpriced',
      string
    > & {
      cost: string;
    }
  >(
    `SELECT u.feature AS feature, uniqExactIf(user, user != '') AS users,
       uniqExactIf(user, user != '' AND f.first_day >= {fromDay:Date}) AS new_users,
       sum(u.sessions) AS sessions, sum(u.calls) AS calls, sumIf(u.calls, user = '') AS calls_without_user,
       toString(sum(toInt128(u.cost_nanos))) AS cost, sum(u.unpriced_calls) AS unpriced
     FROM usage_by_user_1d AS u LEFT JOIN (${first('feature, user')}) AS f ON u.feature = f.feature AND u.user = f.user
     WHERE ${sql} GROUP BY feature ORDER BY users DESC, calls DESC, feature LIMIT 200`,
    params,
  );
}

/** Different users of the last day of the range, of its last 7 and 30 days, and the first day with any data. */
export async function activeUsers(clickhouse: ClickHouse, question: AdoptionQuestion) {
  const { ever, params } = asked(question);
  const [row] = await clickhouse.query<{ d: string; w: string; m: string; since: string; n: string }>(
    `SELECT uniqExactIf(user, day > {toDay:Date} - 1) AS d, uniqExactIf(user, day > {toDay:Date} - 7) AS w,
       uniqExactIf(user, day > {toDay:Date} - 30) AS m, toString(min(day)) AS since, count() AS n
     FROM usage_by_user_1d WHERE ${ever} AND user != ''`,
    params,
  );
  return {
    daily: Number(row?.d ?? 0),
    weekly: Number(row?.w ?? 0),
    monthly: Number(row?.m ?? 0),
    knownSince: row && row.n !== '0' ? row.since : null,
  };
}

/** Users by the week (Monday) they were first seen in and weeks since then; only weeks that begin in the range. */
export async function userCohorts(clickhouse: ClickHouse, question: AdoptionQuestion) {
  const { params, first, ever } = asked({ ...question, ...EVER, toDay: question.toDay });
  const rows = await clickhouse.query<{ week: string; later: number; users: string }>(
    `SELECT toString(toStartOfWeek(f.first_day, 1)) AS week,
       intDiv(toStartOfWeek(u.day, 1) - toStartOfWeek(f.first_day, 1), 7) AS later, uniqExact(u.user) AS users
     FROM usage_by_user_1d AS u INNER JOIN (${first('user')}) AS f ON u.user = f.user
     WHERE ${ever} AND toStartOfWeek(f.first_day, 1) >= {cohortsFrom:Date}
     GROUP BY week, later ORDER BY week, later`,
    { ...params, cohortsFrom: question.fromDay },
  );
  return rows.map(({ week, later, users }) => ({ week, later: Number(later), users: Number(users) }));
}
