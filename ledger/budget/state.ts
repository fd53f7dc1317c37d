import type { BudgetState } from '#contract/budget.ts';
import type { SpendSum } from '#store/queries/budget-spend.ts';
import type { BudgetForecastRow, BudgetNoticeRow } from '#store/state/budgets.ts';
import { type Budget, percentOf, usdOf } from './budget.ts';
import { datesBetween, localDate, type Period, secondsOfDay, weekday } from './calendar.ts';
import type { Standing } from './ceilings.ts';
import { type Forecast, forecastMethod, forecastPeriod, type Quantiles } from './forecast.ts';
import { type DayOfSpend, seriesOf, standingAt } from './seasonal-level.ts';
import { daysAt, type SpendHistory } from './spend-history.ts';

export interface Known {
  budget: Budget;
  period: Period;
  zone: string;
  nowMs: number;
  /** How far the ledger is; null before the first roll-up. */
  asOf: string | null;
  /** Older days are still being added up: nothing can be foretold from them. */
  isFilling: boolean;
  spent: SpendSum;
  /** The high bound of the day that it is as far as the ledger is known. */
  todayUsd: number;
  history: SpendHistory;
  notices: readonly BudgetNoticeRow[];
  forecasts: readonly BudgetForecastRow[];
  standing: Standing | null;
}

/** The moment up to which spend is known, within the period. */
export function knownUntil({ period, nowMs, asOf }: Pick<Known, 'period' | 'nowMs' | 'asOf'>): number {
  const known = asOf === null ? nowMs : Math.min(nowMs, Date.parse(asOf));
  return Math.min(period.toMs - 1, Math.max(period.fromMs, known));
}

export function phaseAt({ fromMs, toMs }: Period, nowMs: number): BudgetState['phase'] {
  if (nowMs < fromMs) return 'ahead';
  return nowMs < toMs ? 'running' : 'over';
}

/** Where a budget stands; everything it needs is given. */
export function stateOf(known: Known): { state: BudgetState; forecast: Forecast | null } {
  const { budget, period, zone, nowMs, asOf, spent } = known;
  const phase = phaseAt(period, nowMs);
  const untilMs = knownUntil(known);
  const today = localDate(untilMs, zone);
  const days = daysAt(known.history, secondsOfDay(untilMs, zone));
  const spentUsd = Number(spent.highNanos) / 1e9;
  const amountUsd = Number(budget.amountNanos) / 1e9;
  const forecast =
    phase === 'running' && !known.isFilling
      ? forecastPeriod({
          history: days,
          today: { date: today, usd: known.todayUsd },
          daysLeft: datesBetween(today, period.last).length - 1,
          spentUsd,
          amountUsd,
        })
      : null;
  const burn = burnOf(days, { first: period.first, today, spentUsd, isAhead: phase === 'ahead' });
  const state: BudgetState = {
    phase,
    from: iso(period.fromMs),
    to: iso(period.toMs),
    elapsed: Math.min(1, Math.max(0, (nowMs - period.fromMs) / (period.toMs - period.fromMs))),
    as_of: asOf,
    spent_usd: usdOf(positive(spent.highNanos)),
    booked_usd: usdOf(positive(spent.costNanos)),
    at_least: spent.unboundedCalls > 0,
    calls: spent.calls,
    unbounded_calls: spent.unboundedCalls,
    coverage: coverageOf(spent),
    used: spentUsd / amountUsd,
    pace:
      phase === 'running' && !known.isFilling
        ? paceOf(days, known, { today, untilMs, spentUsd, amountUsd })
        : null,
    forecast: forecast && quantiles(forecast.total),
    basis: basisOf(forecast, phase, known.isFilling),
    breach: breachOf(forecast, { phase, spentUsd, amountUsd, burn }),
    thresholds: thresholdsOf(known),
    calibration: calibrationOf(known.forecasts),
    burn: burn.map(({ date, usd }) => ({ date, usd: usdText(usd) })),
    fan: (forecast?.fan ?? []).map(({ date, ...at }) => ({ date, ...quantiles(at) })),
    ceiling: ceilingOf(known.standing),
  };
  return { state, forecast };
}

function coverageOf({ calls, unboundedCalls }: SpendSum): number | null {
  if (calls <= 0) return null;
  return Math.min(1, Math.max(0, 1 - unboundedCalls / calls));
}

type Burn = { date: string; usd: number }[];

/** Cumulative by day; the last one is what the period has spent, whatever came late. */
function burnOf(
  days: readonly DayOfSpend[],
  { first, today, spentUsd, isAhead }: { first: string; today: string; spentUsd: number; isAhead: boolean },
): Burn {
  if (isAhead) return [];
  const byDate = new Map(days.map(day => [day.date, day.usd]));
  let usd = 0;
  return datesBetween(first, today).map(date => {
    usd = date === today ? spentUsd : Math.min(spentUsd, usd + (byDate.get(date) ?? 0));
    return { date, usd };
  });
}

/** What would have been spent by now if the amount were used as weekdays and hours usually go. */
function paceOf(
  days: readonly DayOfSpend[],
  { period }: Known,
  now: { today: string; untilMs: number; spentUsd: number; amountUsd: number },
): BudgetState['pace'] {
  const share =
    days.length < 14
      ? (now.untilMs - period.fromMs) / (period.toMs - period.fromMs)
      : usualShare(days, period, now.today);
  const expected = now.amountUsd * share;
  if (expected <= 0) return null;
  return { expected_usd: usdText(expected), ratio: now.spentUsd / expected };
}

function usualShare(days: readonly DayOfSpend[], period: Period, today: string): number {
  const { factors, share } = standingAt(
    seriesOf([...days, { date: today, usd: 0, beforeUsd: 0 }]),
    days.length,
  );
  const sum = (dates: readonly string[]) => dates.reduce((total, date) => total + factors[weekday(date)]!, 0);
  const whole = sum(datesBetween(period.first, period.last));
  const over = sum(datesBetween(period.first, today)) - (1 - share) * factors[weekday(today)]!;
  return over / whole;
}

function basisOf(
  forecast: Forecast | null,
  phase: BudgetState['phase'],
  isFilling: boolean,
): BudgetState['basis'] {
  if (!forecast) {
    const why = {
      ahead: 'It has not begun yet.',
      over: 'It has ended.',
      running: isFilling ? 'Older days are still being added up.' : 'There is no spend yet to go by.',
    };
    return { method: forecastMethod, days: 0, quality: 'none', note: why[phase] };
  }
  const { days, quality } = forecast;
  const few = `Only ${days} complete ${days === 1 ? 'day is' : 'days are'} known, so the band is wide.`;
  return { method: forecastMethod, days, quality, note: quality === 'thin' ? few : null };
}

function breachOf(
  forecast: Forecast | null,
  now: { phase: BudgetState['phase']; spentUsd: number; amountUsd: number; burn: Burn },
): BudgetState['breach'] {
  if (now.spentUsd > now.amountUsd) {
    return { probability: 1, date: now.burn.find(({ usd }) => usd > now.amountUsd)?.date ?? null };
  }
  if (now.phase === 'over') return { probability: 0, date: null };
  return forecast?.breach ?? null;
}

function thresholdsOf({ budget, spent, notices, period }: Known): BudgetState['thresholds'] {
  return budget.thresholds.map(percent => {
    const amountNanos = percentOf(budget.amountNanos, percent);
    const crossed = spent.highNanos >= amountNanos;
    const notice = notices.find(
      one => one.budget_id === budget.id && one.period_from === iso(period.fromMs) && one.percent === percent,
    );
    return {
      percent,
      amount_usd: usdOf(amountNanos),
      crossed,
      crossed_at: crossed ? (notice?.crossed_at ?? null) : null,
    };
  });
}

function calibrationOf(forecasts: readonly BudgetForecastRow[]): BudgetState['calibration'] {
  const known = forecasts.filter(({ outcome_nanos }) => outcome_nanos !== null);
  const inside = known.filter(row => isInside(row, BigInt(row.outcome_nanos ?? 0)));
  return { n: known.length, inside: known.length === 0 ? null : inside.length / known.length };
}

export function isInside(
  { p10_nanos, p90_nanos }: Pick<BudgetForecastRow, 'p10_nanos' | 'p90_nanos'>,
  nanos: bigint,
): boolean {
  return nanos >= BigInt(p10_nanos) && nanos <= BigInt(p90_nanos);
}

function ceilingOf(standing: Known['standing']): BudgetState['ceiling'] {
  if (!standing) return null;
  const { decision, reservedNanos, degradeNanos, denyNanos } = standing;
  return {
    decision,
    reserved_usd: usdOf(reservedNanos),
    degrade_at_usd: degradeNanos === null ? null : usdOf(degradeNanos),
    deny_at_usd: denyNanos === null ? null : usdOf(denyNanos),
  };
}

const quantiles = ({ p10, p50, p90 }: Quantiles) => ({
  p10_usd: usdText(p10),
  p50_usd: usdText(p50),
  p90_usd: usdText(p90),
});

/** A forecast is not booked: a JavaScript number is exact enough for it. */
export const usdText = (usd: number): string => Math.max(0, usd).toFixed(9);

const iso = (ms: number) => new Date(ms).toISOString();
const positive = (nanos: bigint) => (nanos > 0n ? nanos : 0n);
