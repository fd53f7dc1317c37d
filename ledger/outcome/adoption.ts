import { type Adoption, smallestCohort } from '#contract/outcome.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import {
  type AdoptionQuestion,
  activeUsers,
  usageFeatures,
  usagePeriods,
  userCohorts,
} from '#store/queries/adoption.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import { perPiece } from './figures.ts';

const DAY_MS = 86_400_000;

/** Who used what between two days of the reporting zone, and who came back. `today` is the running day of that zone. */
export async function readAdoption(
  clickhouse: ClickHouse,
  question: AdoptionQuestion & { today: string },
): Promise<Omit<Adoption, 'progress'>> {
  const { zone, fromDay, toDay, period, today } = question;
  const [periods, features, active, cohorts] = await Promise.all([
    usagePeriods(clickhouse, question),
    usageFeatures(clickhouse, question),
    activeUsers(clickhouse, question),
    userCohorts(clickhouse, { ...question, fromDay: mondayOf(fromDay) }),
  ]);
  const { shown, small } = withoutSmall(cohorts, mondayOf(toDay));
  return {
    zone,
    from_day: fromDay,
    to_day: toDay,
    daily_users: active.daily,
    weekly_users: active.weekly,
    monthly_users: active.monthly,
    periods: periods.map(row => {
      const [users, news] = [Number(row.users), Number(row.new_users)];
      return {
        start: row.start,
        users,
        new_users: news,
        returning_users: users - news,
        sessions: Number(row.sessions),
        calls: Number(row.calls),
        calls_without_user: Number(row.calls_without_user),
        running: endOf(row.start, period) > today,
      };
    }),
    features: features.map(row => {
      const [users, calls] = [Number(row.users), Number(row.calls)];
      const cost = calls === Number(row.unpriced) ? null : BigInt(row.cost);
      return {
        feature: row.feature,
        users,
        new_users: Number(row.new_users),
        sessions: Number(row.sessions),
        calls,
        calls_without_user: Number(row.calls_without_user),
        cost_usd: usdFromNanos(cost?.toString() ?? null),
        cost_per_user_usd:
          users === 0 || cost === null ? null : usdFromNanos(perPiece(cost, users).toString()),
      };
    }),
    cohorts: shown,
    small_cohorts: small,
    known_since: active.knownSince,
  };
}

/** Weeks as rows of the grid; cohorts of a few users would tell of persons, so they are only counted. */
export function withoutSmall(
  cells: readonly { week: string; later: number; users: number }[],
  lastWeek: string,
): { shown: Adoption['cohorts']; small: Adoption['small_cohorts'] } {
  const weeks = [...new Set(cells.map(({ week }) => week))].sort();
  const shown: Adoption['cohorts'] = [];
  const small = { cohorts: 0, users: 0 };
  for (const week of weeks) {
    const own = new Map(cells.filter(cell => cell.week === week).map(({ later, users }) => [later, users]));
    const users = own.get(0) ?? 0;
    if (users < smallestCohort) {
      small.cohorts += 1;
      small.users += users;
      continue;
    }
    const length = Math.round((Date.parse(lastWeek) - Date.parse(week)) / (7 * DAY_MS)) + 1;
    shown.push({ week, users, active: Array.from({ length }, (_, later) => own.get(later) ?? 0) });
  }
  return { shown, small };
}

/** `2026-11-16` for any day of that week. */
export function mondayOf(day: string): string {
  const ms = Date.parse(day);
  const since = (new Date(ms).getUTCDay() + 6) % 7;
  return isoDay(ms - since * DAY_MS);
}

/** First day after the period that begins on `start`. */
function endOf(start: string, period: 'day' | 'week' | 'month'): string {
  const date = new Date(start);
  if (period === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  else date.setUTCDate(date.getUTCDate() + (period === 'week' ? 7 : 1));
  return date.toISOString().slice(0, 10);
}

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
