import { type DayEffect, excessOf } from './evidence.ts';
import {
  bucketMs,
  dayMs,
  hourOfSlot,
  isWeekend,
  type SeasonModel,
  seasonAt,
  weekdayOfSlot,
  weekSlot,
} from './season.ts';
import { fitSeason } from './season-fit.ts';

/** What one 15-minute bucket holds for one series and metric: count, sum and sum of squares of the values. */
export interface BucketStat {
  /** Start of the bucket, Unix milliseconds, UTC, a multiple of 15 minutes. */
  startMs: number;
  n: number;
  sum: number;
  sumSq: number;
}

export interface BaselineOptions {
  /** Smallest shift worth a page (d0), in the metric's own scale. */
  minShift: number;
  /** The variance of a single request is never taken to be smaller than this, e.g. when every value was the same. */
  requestVarianceFloor: number;
  /** Distinct UTC days with data needed; below it the series is learning. Default 14. */
  minDays?: number;
  /** Values needed; below it the series is learning. Default 200. */
  minRequests?: number;
  /** The values are 0 or 1, see `tilted` in evidence.ts. */
  isProportion?: boolean;
}

/** Why there is no baseline yet, with how far it got. */
export interface Learning {
  learning: 'too_few_days' | 'too_few_requests';
  days: number;
  requests: number;
}

/** What "normal" looks like for one series and metric. Plain JSON. Variances are in squared metric units. */
export interface Baseline {
  model: SeasonModel;
  /** Coefficients of the seasonal terms (season.ts), 23 or 9. */
  coefficients: number[];
  /** Start of the first and end of the last bucket used. */
  fromMs: number;
  toMs: number;
  days: number;
  requests: number;
  /** Mean over all values, for display. */
  mean: number;
  /** s²: variance of single values inside a bucket. */
  withinVariance: number;
  /** τ²: variance of bucket means beyond what their size explains. */
  betweenVariance: number;
  /** f ≥ 1: long-run inflation by day effects and autocorrelation. */
  inflation: number;
  /** The part of it that shows within three hours already; the rest is the days' own. Absent: all of it. */
  shortInflation?: number;
  /** A bucket mean is never trusted more than this variance. */
  bucketVarianceFloor: number;
  /** For every assumed shift: what the increments of the reference exceed those of an e-value by, see `excessOf`. */
  excess: number[];
  /** Σ 1/V over one average day: the prior information ρ of the confidence sequence. */
  dayInformation: number;
  /** Weekdays seen, Monday first, '1' or '0' each. */
  seenWeekdays: string;
  /** Hours of the day with data nearby: 24 flags for working days, then 24 for weekends. */
  seenHours: string;
  /** s² again where the values are 0 or 1: rises are weighed with the tail of a count (evidence.ts). */
  countVariance?: number;
}

/** A bucket against its expectation. `variance` is V, inflation included. */
export interface Observation extends DayEffect {
  startMs: number;
  n: number;
  expected: number;
  residual: number;
  variance: number;
  /** As in the baseline. */
  countVariance?: number;
}

const fullSeasonDays = 14;
const shortRunMs = 3 * 3_600_000;
const minDaysDefault = 14;
const minRequestsDefault = 200;
const minRequestsNearHour = 3;

/**
 * Fits the expectation and the noise of one series: the terms of season.ts by season-fit.ts, hour of day only with fewer than
 * 14 days. Buckets come in time order;
 * empty or non-finite ones are ignored. Returns `Learning` with fewer than `minDays` days or `minRequests` values.
 */
export function fitBaseline(buckets: readonly BucketStat[], options: BaselineOptions): Baseline | Learning {
  const used = buckets.filter(isUsable);
  const requests = used.reduce((total, bucket) => total + bucket.n, 0);
  const days = countDays(used);
  if (days < (options.minDays ?? minDaysDefault)) return { learning: 'too_few_days', days, requests };
  if (requests < (options.minRequests ?? minRequestsDefault) || requests === 0) {
    return { learning: 'too_few_requests', days, requests };
  }

  const model: SeasonModel = days < fullSeasonDays ? 'day' : 'week';
  const { coefficients, residuals, dayLevels } = fitSeason(used, model);
  const observedVariance = pooledVariance(used, residuals);
  const seenWeekdays = weekdayFlags(used);
  const spread = {
    withinVariance: Math.max(observedVariance, options.requestVarianceFloor),
    betweenVariance: betweenBucketVariance(used, residuals, observedVariance),
  };
  const inflation = longRunInflation(used, residuals, spread, dayLevels);
  const noise = {
    ...spread,
    inflation,
    shortInflation: Math.min(inflation, shortRunInflation(used, residuals, spread)),
    // The grid starts at 2 d0 and the slack takes 0.75 d0, so a residual clipped below 1.75 d0 could never count as
    // evidence: with sd(V) of at least d0/2 the clip at 5 sd stays at 2.5 d0 or more however large the traffic.
    // A V above the true one keeps every increment an e-value.
    bucketVarianceFloor: (options.minShift / 2) ** 2,
  };
  const counts = options.isProportion ? { countVariance: spread.withinVariance } : {};
  const variances = used.map(({ n }) => bucketVariance(noise, n));
  const information = variances.reduce((total, variance) => total + 1 / variance, 0);
  const dayInformation = information / days;
  const { dayRatio, dayVariance } = dayEffect({ ...noise, dayInformation });
  const reference = used.map(({ startMs }, at) => ({
    startMs,
    residual: residuals[at]!,
    variance: variances[at]!,
    dayRatio,
    dayVariance,
    ...counts,
  }));
  return {
    model,
    coefficients,
    fromMs: used[0]!.startMs,
    toMs: used.at(-1)!.startMs + bucketMs,
    days,
    requests,
    mean: used.reduce((total, bucket) => total + bucket.sum, 0) / requests,
    ...noise,
    excess: excessOf(reference, options),
    dayInformation,
    seenWeekdays,
    seenHours: hourFlags(used, model),
    ...counts,
  };
}

export const isLearning = (fit: Baseline | Learning): fit is Learning => 'learning' in fit;

/** Expected mean of the bucket that starts at `startMs`; null in hours the reference never saw, rather than a guess. */
export function expectation(baseline: Baseline, startMs: number): number | null {
  const slot = weekSlot(startMs);
  if (baseline.seenHours[hourFlagIndex(slot)] !== '1') return null;
  if (baseline.model === 'week' && baseline.seenWeekdays[weekdayOfSlot(slot)] !== '1') return null;
  return seasonAt(baseline.model, baseline.coefficients, slot);
}

/** V of a bucket mean over n requests: f (s²/n + τ²). */
export function bucketVariance(
  noise: Pick<Baseline, 'withinVariance' | 'betweenVariance' | 'inflation' | 'bucketVarianceFloor'>,
  n: number,
): number {
  return Math.max(
    noise.inflation * (noise.withinVariance / n + noise.betweenVariance),
    noise.bucketVarianceFloor,
  );
}

/** The bucket against its expectation; null when it is empty, not finite or in an hour the reference never saw. */
export function observe(baseline: Baseline, bucket: BucketStat): Observation | null {
  if (!isUsable(bucket)) return null;
  const expected = expectation(baseline, bucket.startMs);
  if (expected === null) return null;
  const { startMs, n, sum } = bucket;
  const variance = bucketVariance(baseline, n);
  const residual = sum / n - expected;
  const { countVariance } = baseline;
  const seen = { startMs, n, expected, residual, variance, ...dayEffect(baseline) };
  return countVariance === undefined ? seen : { ...seen, countVariance };
}

function isUsable({ n, sum, sumSq }: BucketStat): boolean {
  return n > 0 && Number.isFinite(n) && Number.isFinite(sum) && Number.isFinite(sumSq);
}

function countDays(buckets: readonly BucketStat[]): number {
  let days = 0;
  let last = Number.NaN;
  for (const { startMs } of buckets) {
    const day = Math.floor(startMs / dayMs);
    if (day !== last) days += 1;
    last = day;
  }
  return days;
}

/** s² = Σ (sumSq − sum²/n) / Σ (n − 1); from the residuals when every bucket holds a single value. */
function pooledVariance(buckets: readonly BucketStat[], residuals: readonly number[]): number {
  let squares = 0;
  let degrees = 0;
  let aroundExpectation = 0;
  let total = 0;
  buckets.forEach(({ n, sum, sumSq }, i) => {
    squares += Math.max(0, sumSq - (sum * sum) / n);
    degrees += n - 1;
    aroundExpectation += n * residuals[i]! ** 2;
    total += n;
  });
  return degrees > 0 ? squares / degrees : aroundExpectation / total;
}

/** τ² = max(0, Σ n (r² − s²/n) / Σ n): the method of moments of a one-way random-effects model. */
function betweenBucketVariance(
  buckets: readonly BucketStat[],
  residuals: readonly number[],
  withinVariance: number,
): number {
  let excess = 0;
  let total = 0;
  buckets.forEach(({ n }, i) => {
    excess += n * residuals[i]! ** 2 - withinVariance;
    total += n;
  });
  return Math.max(0, excess / total);
}

/**
 * f = max(1, mean over days of (Σ_day r/v)² / (Σ_day 1/v) × D/(D − levels − 0.5)): how much more a day's total wanders
 * than its independent buckets would. The last factor repays the degrees of freedom the fitted levels take
 * (28/20.5 for 28 days and 7 weekdays, 28/25.5 when only weekends differ).
 */
function longRunInflation(
  buckets: readonly BucketStat[],
  residuals: readonly number[],
  spread: Pick<Baseline, 'withinVariance' | 'betweenVariance'>,
  dayLevels: number,
): number {
  const sums = sumsBy(dayMs, buckets, residuals, spread);
  const total = sums.reduce((sum, day) => sum + day.sum ** 2 / day.information, 0);
  const days = sums.length;
  const correction = days / Math.max(0.5, days - dayLevels - 0.5);
  return Math.max(1, (total / days) * correction);
}

/** The same over three hours: what wander within the day adds to independent buckets, without the days' own levels. */
function shortRunInflation(
  buckets: readonly BucketStat[],
  residuals: readonly number[],
  spread: Pick<Baseline, 'withinVariance' | 'betweenVariance'>,
): number {
  const sums = sumsBy(shortRunMs, buckets, residuals, spread);
  const total = sums.reduce((sum, one) => sum + one.sum ** 2 / one.information, 0);
  return Math.max(1, total / sums.length);
}

/** Σ r/v and Σ 1/v over each stretch of `lengthMs` with data. */
function sumsBy(
  lengthMs: number,
  buckets: readonly BucketStat[],
  residuals: readonly number[],
  spread: Pick<Baseline, 'withinVariance' | 'betweenVariance'>,
): { sum: number; information: number }[] {
  const stretches: { sum: number; information: number }[] = [];
  let last = Number.NaN;
  buckets.forEach((bucket, i) => {
    const variance = spread.withinVariance / bucket.n + spread.betweenVariance;
    const at = Math.floor(bucket.startMs / lengthMs);
    if (at !== last) stretches.push({ sum: 0, information: 0 });
    last = at;
    const stretch = stretches.at(-1)!;
    stretch.sum += residuals[i]! / variance;
    stretch.information += 1 / variance;
  });
  return stretches;
}

/** What of V is the day's own: see `DayEffect`. */
export function dayEffect(
  baseline: Pick<Baseline, 'inflation' | 'shortInflation' | 'dayInformation'>,
): DayEffect {
  const ratio = baseline.inflation / (baseline.shortInflation ?? baseline.inflation);
  return { dayRatio: ratio, dayVariance: (ratio - 1) / (ratio * baseline.dayInformation) };
}

function weekdayFlags(buckets: readonly BucketStat[]): string {
  const seen = new Array<string>(7).fill('0');
  for (const { startMs } of buckets) seen[weekdayOfSlot(weekSlot(startMs))] = '1';
  return seen.join('');
}

const hourFlagIndex = (slot: number): number => hourOfSlot(slot) + (isWeekend(slot) ? 24 : 0);

/** An hour counts as seen with a few values within an hour either side; short histories do not tell weekends apart. */
function hourFlags(buckets: readonly BucketStat[], model: SeasonModel): string {
  const requests = new Array<number>(48).fill(0);
  for (const { startMs, n } of buckets) {
    const index = hourFlagIndex(weekSlot(startMs));
    requests[index]! += n;
    if (model === 'day') requests[(index + 24) % 48]! += n;
  }
  const near = (index: number) => {
    const start = index < 24 ? 0 : 24;
    const hour = index - start;
    return [hour + 23, hour, hour + 1].reduce((total, h) => total + requests[start + (h % 24)]!, 0);
  };
  return requests.map((_, index) => (near(index) >= minRequestsNearHour ? '1' : '0')).join('');
}
