import { type BudgetPeriod, budgetPeriods } from '#contract/budget.ts';
import { addDays, datesBetween, periodAt, weekday } from './calendar.ts';
import { forecastPeriod } from './forecast.ts';
import type { DayOfSpend } from './seasonal-level.ts';

/** Kinds of made-up spend; each is 24 months of days. */
export const families = ['steady', 'growth', 'weekends', 'launches', 'shifts', 'bursts', 'young'] as const;
export type Family = (typeof families)[number];

export interface BackTest {
  family: Family;
  period: BudgetPeriod;
  /** How many forecasts, and which share of the outcomes lay within P10–P90, below and above. */
  n: number;
  inside: number;
  below: number;
  above: number;
  /** Mean width of the band against the outcome. */
  width: number;
}

const firstDay = '2024-12-01';
const historyDays = 730;
/** Shares of a day that are over when forecasts are made: at midnight, in the morning, in the afternoon. */
const timesOfDay = [0, 0.3, 0.7];

/** One family's forecasts of days, weeks and months, at times spread over its history. */
export function backTest(
  family: Family,
  { seeds, everyDays }: { seeds: number; everyDays: number },
): BackTest[] {
  const results = budgetPeriods.map(period => ({
    family,
    period,
    n: 0,
    inside: 0,
    below: 0,
    above: 0,
    width: 0,
  }));
  for (let seed = 1; seed <= seeds; seed += 1) {
    const days = history(family, seed);
    for (let at = seed % everyDays; at < days.length; at += everyDays) {
      for (const result of results) score(days, at, result);
    }
  }
  return results;
}

function score(days: readonly DayOfSpend[], at: number, result: BackTest): void {
  const date = days[at]!.date;
  const { first, last } = periodAt(Date.parse(`${date}T12:00:00Z`), result.period, 'UTC');
  const from = datesBetween(firstDay, first).length - 1;
  const to = datesBetween(firstDay, last).length - 1;
  if (from < 0 || to >= days.length) return;
  const usd = days[at]!.beforeUsd;
  const sum = (part: readonly DayOfSpend[]) => part.reduce((total, day) => total + day.usd, 0);
  const spentUsd = sum(days.slice(from, at)) + usd;
  const seen = days.findIndex(day => day.usd > 0);
  const forecast = forecastPeriod({
    history: days.slice(seen, at),
    today: { date, usd },
    daysLeft: to - at,
    spentUsd,
    amountUsd: spentUsd * 2,
  });
  if (!forecast) return;
  const total = sum(days.slice(from, to + 1));
  const { p10, p90 } = forecast.total;
  result.n += 1;
  if (total < p10) result.below += 1;
  else if (total > p90) result.above += 1;
  else result.inside += 1;
  result.width += (p90 - p10) / total;
}

/** Made-up spend by day; the same seed makes the same days. The share of a day varies with the day, as the clock stands still. */
export function history(family: Family, seed: number): DayOfSpend[] {
  const random = generator(seed * 7919 + families.indexOf(family));
  const share = timesOfDay[seed % timesOfDay.length]!;
  const level = levels[family](random);
  const weekend = family === 'weekends' ? 0.08 + 0.2 * random() : 0.4 + 0.6 * random();
  const spread = 0.05 + 0.2 * random();
  let carried = 0;
  return Array.from({ length: historyDays }, (_, index) => {
    const date = addDays(firstDay, index);
    carried = 0.4 * carried + spread * normal(random);
    const burst = family === 'bursts' && random() < 0.04 ? 2 + 4 * random() : 1;
    const usd = level(index) * (weekday(date) >= 5 ? weekend : 1) * burst * Math.exp(carried);
    const before = share === 0 ? 0 : share * Math.exp(0.15 * normal(random));
    return { date, usd, beforeUsd: usd * Math.min(0.98, before) };
  });
}

type Level = (day: number) => number;

const levels: Record<Family, (random: () => number) => Level> = {
  steady: () => () => 100,
  weekends: () => () => 100,
  bursts: () => () => 100,
  young: random => {
    const begins = historyDays - 20 - Math.floor(60 * random());
    return day => (day < begins ? 0 : 100 * Math.min(1, (day - begins + 3) / 14));
  },
  growth: random => {
    const perMonth = 0.02 + 0.13 * random();
    const slowing = 0.3 + random();
    return day => 20 * Math.exp((perMonth * 24 * (1 - Math.exp((-slowing * day) / 730))) / slowing);
  },
  launches: random => {
    const features = Array.from({ length: 4 }, () => ({
      at: Math.floor(historyDays * random()),
      size: 20 + 130 * random(),
      ramp: 1 + 20 * random(),
    }));
    return day =>
      features.reduce(
        (sum, { at, size, ramp }) => (day < at ? sum : sum + size * (1 - Math.exp(-(day - at) / ramp))),
        100,
      );
  },
  shifts: random => {
    const shifts = Array.from({ length: 6 }, () => ({
      at: Math.floor(historyDays * random()),
      by: Math.exp(0.5 * normal(random)),
    }));
    return day => shifts.reduce((level, { at, by }) => (day < at ? level : level * by), 100);
  },
};

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Small seeded generator (mulberry32, public domain, T. Ettinger). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
