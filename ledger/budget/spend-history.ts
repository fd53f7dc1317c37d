import type { ClickHouse } from '#store/engine/client.ts';
import { spendHours } from '#store/queries/budget-spend.ts';
import type { Budget } from './budget.ts';
import { addDays, datesBetween, startOfDay } from './calendar.ts';
import type { DayOfSpend } from './seasonal-level.ts';

/** Spend of complete days by hour of the clock on the wall, from the first day with spend to yesterday, without gaps. */
export type SpendHistory = readonly { date: string; hours: readonly number[] }[];

export const historyDays = 270;
/** Complete days change only by late calls and repricings. */
const keepMs = 30 * 60_000;

interface Asked {
  budget: Budget;
  /** First day that is needed, if it is earlier than what a forecast looks at. */
  first: string;
  today: string;
  zone: string;
  /** Older days are still being added up, so what is read now is not remembered. */
  isFilling: boolean;
}

/** Reads what was spent under a budget's filter day by day, and remembers it for half an hour. */
export function spendHistories({ clickhouse, projectId }: { clickhouse: ClickHouse; projectId: string }) {
  const kept = new Map<string, { key: string; readMs: number; history: SpendHistory }>();

  return async function historyOf(
    { budget, first, today, zone, isFilling }: Asked,
    nowMs: number,
  ): Promise<SpendHistory> {
    const key = JSON.stringify([budget.filter, first, today, zone]);
    const known = kept.get(budget.id);
    if (known && known.key === key && nowMs - known.readMs < keepMs) return known.history;
    const longest = addDays(today, -historyDays);
    const from = first < longest ? first : longest;
    const rows = await spendHours(clickhouse, projectId, {
      conditions: budget.filter,
      fromMs: startOfDay(from, zone),
      toMs: startOfDay(today, zone),
      zone,
    });
    const history = withoutGaps(rows, addDays(today, -1));
    if (isFilling) kept.delete(budget.id);
    else kept.set(budget.id, { key, readMs: nowMs, history });
    return history;
  };
}

/** Complete days from the first with spend to the `last`, each with its 24 hours. */
export function withoutGaps(
  rows: readonly { date: string; hour: number; usd: number }[],
  last: string,
): SpendHistory {
  const days = new Map<string, number[]>();
  for (const { date, hour, usd } of rows) {
    const hours = days.get(date) ?? new Array<number>(24).fill(0);
    hours[hour] = usd;
    days.set(date, hours);
  }
  const first = rows[0]?.date;
  if (first === undefined) return [];
  return datesBetween(first, last).map(date => ({
    date,
    hours: days.get(date) ?? new Array<number>(24).fill(0),
  }));
}

/** The days with what each had spent by a time of day, in seconds on the clock on the wall. */
export function daysAt(history: SpendHistory, secondsOfDay: number): DayOfSpend[] {
  const hour = Math.floor(secondsOfDay / 3600);
  const part = (secondsOfDay % 3600) / 3600;
  return history.map(({ date, hours }) => {
    let usd = 0;
    let beforeUsd = 0;
    hours.forEach((spent, at) => {
      usd += spent;
      if (at < hour) beforeUsd += spent;
      else if (at === hour) beforeUsd += spent * part;
    });
    return { date, usd, beforeUsd };
  });
}
