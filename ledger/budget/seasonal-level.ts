import { weekday } from './calendar.ts';

/** One complete day of the reporting zone: its spend, and what of it was spent by the time of day that it is now. */
export interface DayOfSpend {
  date: string;
  usd: number;
  beforeUsd: number;
}

/** The days as numbers by position, so that hundreds of past forecasts cost milliseconds. */
export interface DaySeries {
  usd: Float64Array;
  beforeUsd: Float64Array;
  /** 0 (Monday) to 6. */
  weekdays: Uint8Array;
}

/** One way of guessing the coming days: how fast it follows the level, and whether it continues the trend. */
export interface Guess {
  halfLifeDays: number;
  withTrend: boolean;
}

export const guesses: readonly Guess[] = [
  { halfLifeDays: 1.5, withTrend: false },
  { halfLifeDays: 5, withTrend: false },
  { halfLifeDays: 14, withTrend: false },
  { halfLifeDays: 7, withTrend: true },
];

const seasonDays = 56;
const levelDays = 60;
const shareDays = 28;
/** So much of a trend is left after each further day (damped trend: Gardner and McKenzie 1985). */
const damping = 0.97;
const steepestPerDay = 0.03;

export function seriesOf(days: readonly DayOfSpend[]): DaySeries {
  return {
    usd: Float64Array.from(days, day => day.usd),
    beforeUsd: Float64Array.from(days, day => day.beforeUsd),
    weekdays: Uint8Array.from(days, day => weekday(day.date)),
  };
}

/** What is known at one moment: complete days before `origin`, and the morning of that day. */
export interface Standing {
  factors: Float64Array;
  /** Usual share of a day that is over by this time of day, 0 to 1. */
  share: number;
  /** Level of a day without its weekday by each guess. */
  levels: Float64Array;
  /** Logarithm by which the level grows a day. */
  slope: number;
}

export function standingAt(series: DaySeries, origin: number): Standing {
  const factors = weekdayFactors(series, origin);
  const share = usualShare(series, origin);
  const levels = Float64Array.from(guesses, guess => levelAt(series, origin, { factors, share, guess }));
  return { factors, share, levels, slope: slopeAt(series, origin, factors) };
}

/** Spend by weekday against the week around it, drawn towards 1 where few weeks are known. */
export function weekdayFactors({ usd, weekdays }: DaySeries, origin: number): Float64Array {
  const ratios = new Float64Array(7).fill(1);
  const counts = new Float64Array(7).fill(1);
  for (let day = Math.max(3, origin - seasonDays); day + 3 < origin; day += 1) {
    let week = 0;
    for (let near = day - 3; near <= day + 3; near += 1) week += usd[near]!;
    if (week <= 0) continue;
    const of = weekdays[day]!;
    // One wild day is not a weekday's habit.
    ratios[of] = ratios[of]! + Math.min(3.5, (usd[day]! * 7) / week);
    counts[of] = counts[of]! + 1;
  }
  let sum = 0;
  for (let of = 0; of < 7; of += 1) {
    ratios[of] = ratios[of]! / counts[of]!;
    sum += ratios[of]!;
  }
  for (let of = 0; of < 7; of += 1) ratios[of] = Math.max(0.02, (ratios[of]! * 7) / sum);
  return ratios;
}

function usualShare({ usd, beforeUsd }: DaySeries, origin: number): number {
  let before = 0;
  let whole = 0;
  for (let day = Math.max(0, origin - shareDays); day < origin; day += 1) {
    before += beforeUsd[day]!;
    whole += usd[day]!;
  }
  return whole > 0 ? Math.min(1, before / whole) : 0;
}

function levelAt(
  { usd, beforeUsd, weekdays }: DaySeries,
  origin: number,
  { factors, share, guess }: { factors: Float64Array; share: number; guess: Guess },
): number {
  // Of today counts what is known, as much as it is of a day.
  const todayFactor = factors[weekdays[origin]!]!;
  let weights = share;
  let sum = share > 0 ? beforeUsd[origin]! / todayFactor : 0;
  const decay = 0.5 ** (1 / guess.halfLifeDays);
  let weight = 1;
  for (let day = origin - 1; day >= Math.max(0, origin - levelDays); day -= 1) {
    weight *= decay;
    // A quiet weekend day says little about the level.
    const trust = weight * Math.min(1, factors[weekdays[day]!]!);
    sum += (trust * usd[day]!) / factors[weekdays[day]!]!;
    weights += trust;
  }
  return weights > 0 ? sum / weights : 0;
}

/** Growth between the last two weeks and those before, shrunk by how much single weeks differ. */
function slopeAt({ usd, weekdays }: DaySeries, origin: number, factors: Float64Array): number {
  const weeks: number[] = [];
  for (let end = origin; end >= 7 && weeks.length < 6; end -= 7) {
    let sum = 0;
    for (let day = end - 7; day < end; day += 1) sum += usd[day]! / factors[weekdays[day]!]!;
    weeks.push(Math.log(sum + 1e-9));
  }
  if (weeks.length < 4) return 0;
  const steps = weeks.slice(1).map((week, index) => (weeks[index]! - week) / 7);
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (steps.length - 1);
  const certain = mean ** 2 / (mean ** 2 + variance / steps.length + 1e-12);
  return Math.max(-steepestPerDay, Math.min(steepestPerDay, mean * certain));
}

/**
 * Cumulative spend from now on by each guess: element k is the rest of today and the k days after it. `weekdayOf(k)` is the
 * weekday of the k-th day from today.
 */
export function ahead(standing: Standing, days: number, weekdayOf: (k: number) => number): Float64Array[] {
  const { factors, share, levels, slope } = standing;
  return guesses.map(({ withTrend }, index) => {
    const path = new Float64Array(days + 1);
    const level = levels[index]!;
    let growth = 0;
    let step = withTrend ? slope : 0;
    // The level is that of some days ago: a trend has gone on since.
    if (withTrend) growth += slope * 5;
    let sum = 0;
    for (let k = 0; k <= days; k += 1) {
      const whole = level * factors[weekdayOf(k)]! * Math.exp(growth);
      sum += k === 0 ? whole * (1 - share) : whole;
      path[k] = sum;
      step *= damping;
      growth += step;
    }
    return path;
  });
}
