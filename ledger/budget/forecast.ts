import { addDays, weekday } from './calendar.ts';
import { ahead, type DayOfSpend, type DaySeries, guesses, seriesOf, standingAt } from './seasonal-level.ts';
import { type Weighted, weightedQuantile } from './weighted-quantile.ts';

export interface ForecastQuestion {
  /** Complete days, oldest first and without gaps; days without spend are zeros. Before the first spend there are none. */
  history: readonly DayOfSpend[];
  /** The day that it is in the reporting zone, and what was spent of it so far. */
  today: { date: string; usd: number };
  /** Days of the period after today. */
  daysLeft: number;
  /** Of the period so far, today included. */
  spentUsd: number;
  amountUsd: number;
}

export interface Quantiles {
  p10: number;
  p50: number;
  p90: number;
}

export interface Forecast {
  /** Of the period's total, USD. */
  total: Quantiles;
  /** Cumulative spend of the period at the end of today and of each day that is left. */
  fan: ({ date: string } & Quantiles)[];
  /** Of exceeding the amount; `date`: the middle of the days on which that happens, null when it hardly does. */
  breach: { probability: number; date: string | null };
  /** Complete days looked at. */
  days: number;
  quality: 'thin' | 'normal';
}

/** Named where a forecast is shown. */
export const forecastMethod =
  'seasonal level with its own past errors: weekday factors and an exponentially weighted level, whose errors in rolling-origin forecasts of the same length give the band';

const recentDays = 4;
const recentPart = 0.5;
const longestHistory = 400;
const mostOrigins = 200;
const firstOrigin = 10;
const thinDays = 21;
const hardlyEver = 0.05;
/** Sums of floating-point numbers differ in their last digits. */
const barelyMore = 1 + 1e-9;
/** Not 0.1: guesses are weighted by the very errors that give the band, which makes those look a little smaller than they are. */
const tail = 0.088;
/** Past errors count half as much after so many days: a band follows what spend is like now (weighted conformal prediction). */
const errorHalfLifeDays = 75;

/**
 * Forecasts a period's total by what the same forecast would have said on every earlier day at this time of day, and how far
 * off it was (empirical prediction intervals from rolling origins: Williams and Goodman 1971; Lee and Scholtes 2014; weighted as in
 * Barber et al. 2023). The combination of guesses leans to those that were right lately. Whole error paths are kept, so
 * the days of a month err together as they did. Where few origins are known, paths of a wide random walk stand in.
 * Null without any spend to go by. Deterministic: nothing is drawn.
 */
export function forecastPeriod(question: ForecastQuestion): Forecast | null {
  const history = question.history.slice(-longestHistory);
  const { today, daysLeft, spentUsd, amountUsd } = question;
  if (today.usd <= 0 && !history.some(day => day.usd > 0)) return null;
  const series = seriesOf([...history, { date: today.date, usd: 0, beforeUsd: today.usd }]);
  const now = history.length;
  const first = weekday(today.date);
  const paths = ahead(standingAt(series, now), daysLeft, k => (first + k) % 7);
  const past = pastErrors(series, now, daysLeft);
  const trust = trustOf(past, lately(series, now));
  const expected = combined(paths, trust);
  const errors = [
    ...past.map(({ errors, weight }) => ({ path: mixed(errors, trust), weight })),
    ...standIns(series, now, { daysLeft, origins: past.length }),
  ];
  const cumulative = errors.map(({ path, weight }) => ({
    path: pathFrom(spentUsd, expected, path),
    weight,
  }));
  const at = (k: number) => quantilesOf(cumulative.map(({ path, weight }) => ({ value: path[k]!, weight })));
  return {
    total: at(daysLeft),
    fan: Array.from({ length: daysLeft + 1 }, (_, k) => ({ date: addDays(today.date, k), ...at(k) })),
    breach: breachOf(cumulative, { spentUsd, amountUsd, today: today.date }),
    days: history.length,
    quality: history.length < thinDays ? 'thin' : 'normal',
  };
}

interface PastError {
  /** By guess: the logarithm of actual over forecast, cumulative by day. */
  errors: Float64Array[];
  weight: number;
}

function pastErrors(series: DaySeries, now: number, days: number): PastError[] {
  const found: PastError[] = [];
  const last = now - 1 - days;
  for (let origin = Math.max(firstOrigin, last - mostOrigins + 1); origin <= last; origin += 1) {
    const standing = standingAt(series, origin);
    const paths = ahead(standing, days, k => series.weekdays[origin + k]!);
    const errors = paths.map((path, guess) => {
      const slack = slackOf(standing.levels[guess]!);
      const error = new Float64Array(days + 1);
      let actual = series.usd[origin]! - series.beforeUsd[origin]!;
      for (let k = 0; k <= days; k += 1) {
        if (k > 0) actual += series.usd[origin + k]!;
        error[k] = Math.log((actual + slack) / (path[k]! + slack));
      }
      return error;
    });
    found.push({ errors, weight: 0.5 ** ((last - origin) / errorHalfLifeDays) });
  }
  return found;
}

/** Keeps a logarithm finite where nothing is spent. */
const slackOf = (level: number) => 0.02 * level + 1e-9;

/** How far off each guess was for single days of the last ones: after a jump the quick ones are right first. */
function lately(series: DaySeries, now: number): Float64Array {
  const off = new Float64Array(guesses.length);
  for (let day = Math.max(1, now - recentDays); day < now; day += 1) {
    const { levels, factors } = standingAt(series, day);
    levels.forEach((level, guess) => {
      const slack = slackOf(level);
      const expected = level * factors[series.weekdays[day]!]!;
      const error = Math.log((series.usd[day]! + slack) / (expected + slack));
      off[guess] = off[guess]! + Math.abs(error) / recentDays;
    });
  }
  return off;
}

/** Weights of the guesses, by how far off each was at the end of such periods, and for single days lately. */
function trustOf(past: readonly PastError[], recent: Float64Array): Float64Array {
  const trust = new Float64Array(guesses.length).fill(1 / guesses.length);
  let sum = 0;
  for (let guess = 0; guess < guesses.length; guess += 1) {
    let off = 0;
    let weights = 1e-9;
    for (const { errors, weight } of past) {
      off += weight * Math.abs(errors[guess]!.at(-1)!);
      weights += weight;
    }
    trust[guess] = (off / weights + recentPart * recent[guess]! + 0.005) ** -4;
    sum += trust[guess]!;
  }
  return trust.map(one => one / sum);
}

/** Weighted geometric mean, so that its error is the weighted mean of theirs. */
function combined(paths: readonly Float64Array[], trust: Float64Array): Float64Array {
  return Float64Array.from(paths[0]!, (_, k) =>
    Math.exp(paths.reduce((sum, path, guess) => sum + trust[guess]! * Math.log(path[k]! + 1e-12), 0)),
  );
}

function mixed(errors: readonly Float64Array[], trust: Float64Array): Float64Array {
  return Float64Array.from(errors[0]!, (_, k) =>
    errors.reduce((sum, error, guess) => sum + trust[guess]! * error[k]!, 0),
  );
}

/** Standard normal quantiles at 5, 15, … 95 %. */
const normal = [-1.645, -1.036, -0.674, -0.385, -0.126, 0.126, 0.385, 0.674, 1.036, 1.645];

/** Error paths for want of past ones: daily noise that averages out, and a level that wanders and may have been misread. */
function standIns(
  series: DaySeries,
  now: number,
  { daysLeft, origins }: { daysLeft: number; origins: number },
) {
  const noise = dailyNoise(series, now);
  const misread = noise / Math.sqrt(Math.min(5, Math.max(1, now))) + (now < thinDays ? 0.3 : 0);
  const drift = now < thinDays ? 0.06 : 0.03;
  // Forecasts of overlapping periods err together: so many of them are as good as one.
  const independent = origins / (1 + daysLeft / 4);
  const weight = origins === 0 ? 1 : ((origins / (independent + 1e-9)) * 2) / normal.length;
  return normal.map(z => ({
    weight: weight,
    path: Float64Array.from({ length: daysLeft + 1 }, (_, k) => {
      const variance = noise ** 2 / (k + 1) + drift ** 2 * (k + 1) + misread ** 2;
      return z * Math.sqrt(variance);
    }),
  }));
}

/** Robust standard deviation of a day's logarithm against the same weekday a week before. */
function dailyNoise({ usd }: DaySeries, now: number): number {
  const steps: number[] = [];
  for (let day = Math.max(7, now - 60); day < now; day += 1) {
    if (usd[day]! > 0 && usd[day - 7]! > 0) steps.push(Math.abs(Math.log(usd[day]! / usd[day - 7]!)));
  }
  if (steps.length < 7) return 0.5;
  steps.sort((one, other) => one - other);
  return Math.min(2, Math.max(0.02, (1.4826 * steps[Math.floor(steps.length / 2)]!) / Math.SQRT2));
}

/** A cumulative path: forecast times error, which can only rise and ends where the whole error says. */
function pathFrom(spentUsd: number, expected: Float64Array, error: Float64Array): Float64Array {
  const last = expected.length - 1;
  const end = expected[last]! * Math.exp(error[last]!);
  let highest = 0;
  return Float64Array.from(expected, (usd, k) => {
    highest = Math.max(highest, Math.min(end, k === last ? end : usd * Math.exp(error[k]!)));
    return spentUsd + highest;
  });
}

interface WeightedPath {
  path: Float64Array;
  weight: number;
}

function quantilesOf(values: readonly Weighted[]): Quantiles {
  const sorted = [...values].sort((one, other) => one.value - other.value);
  const at = (share: number) => weightedQuantile(sorted, share);
  return { p10: at(tail), p50: at(0.5), p90: at(1 - tail) };
}

function breachOf(
  paths: readonly WeightedPath[],
  { spentUsd, amountUsd, today }: { spentUsd: number; amountUsd: number; today: string },
): Forecast['breach'] {
  if (spentUsd > amountUsd) return { probability: 1, date: today };
  const whole = paths.reduce((sum, { weight }) => sum + weight, 0);
  const days = paths
    .map(({ path, weight }) => ({ value: path.findIndex(usd => usd > amountUsd * barelyMore), weight }))
    .filter(({ value }) => value >= 0)
    .sort((one, other) => one.value - other.value);
  const probability = days.reduce((sum, { weight }) => sum + weight, 0) / whole;
  if (probability < hardlyEver) return { probability, date: null };
  let weight = 0;
  const middle = days.find(day => {
    weight += day.weight;
    return weight >= (probability * whole) / 2;
  });
  return { probability, date: addDays(today, middle!.value) };
}
