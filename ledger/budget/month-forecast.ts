import type { SpendCondition } from '#contract/spend-where.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { budgetSpend, spendHours } from '#store/queries/budget-spend.ts';
import { usdOf } from './budget.ts';
import { addDays, datesBetween, localDate, periodAt, secondsOfDay, startOfDay } from './calendar.ts';
import { type Forecast, forecastPeriod } from './forecast.ts';
import { daysAt, historyDays, withoutGaps } from './spend-history.ts';

interface Asked {
  conditions: readonly SpendCondition[];
  zone: string;
  /** Unix milliseconds. */
  nowMs: number;
  /** How far the ledger is known; null before the first roll-up. */
  asOf: string | null;
}

export interface MonthForecast {
  /** `2026-11` */
  month: string;
  /** Exact, decimal USD. */
  spentUsd: string;
  forecast: Forecast | null;
}

/**
 * What the present month will come to, of what is priced for certain: the number a month's page shows. A budget looks at
 * the high bound instead.
 */
export async function forecastMonth(
  { clickhouse, projectId }: { clickhouse: ClickHouse; projectId: string },
  { conditions, zone, nowMs, asOf }: Asked,
): Promise<MonthForecast> {
  const period = periodAt(nowMs, 'month', zone);
  const knownMs = Math.max(period.fromMs, Math.min(nowMs, asOf === null ? nowMs : Date.parse(asOf)));
  const today = localDate(knownMs, zone);
  const todayMs = startOfDay(today, zone);
  const tomorrowMs = startOfDay(addDays(today, 1), zone);
  const fromMs = startOfDay(addDays(today, -historyDays), zone);
  const [[spent, ofToday], hours] = await Promise.all([
    budgetSpend(clickhouse, projectId, [
      { conditions, fromMs: period.fromMs, toMs: period.toMs },
      { conditions, fromMs: todayMs, toMs: tomorrowMs },
    ]),
    spendHours(clickhouse, projectId, { conditions, fromMs, toMs: todayMs, zone, of: 'cost' }),
  ]);
  const forecast = forecastPeriod({
    history: daysAt(withoutGaps(hours, addDays(today, -1)), secondsOfDay(knownMs, zone)),
    today: { date: today, usd: Number(ofToday?.costNanos ?? 0n) / 1e9 },
    daysLeft: datesBetween(today, period.last).length - 1,
    spentUsd: Number(spent?.costNanos ?? 0n) / 1e9,
    // There is no amount to exceed.
    amountUsd: Number.POSITIVE_INFINITY,
  });
  return { month: period.first.slice(0, 7), spentUsd: usdOf(spent?.costNanos ?? 0n), forecast };
}
