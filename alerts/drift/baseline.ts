import { type BucketColumns, columnsOf, isUsable } from './bucket-columns.ts';
import { type DayEffect, excessOf } from './evidence.ts';
import {
  bucketMs,
  bucketsPerDay,
  bucketsPerWeek,
  hourOfSlot,
  isWeekend,
  type SeasonModel,
  seasonAt,
  weekdayOfSlot,
  weekSlot,
} from './season.ts';
import { fitSeason, type WeekdaySums } from './season-fit.ts';

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
const minDaysDefault = 14;
const minRequestsDefault = 200;
const minRequestsNearHour = 3;

/**
 * Fits the expectation and the noise of one series: the terms of season.ts by season-fit.ts, hour of day only with fewer than
 * 14 days. Buckets come in time order;
 * empty or non-finite ones are ignored. Returns `Learning` with fewer than `minDays` days or `minRequests` values.
 */
export const fitBaseline = (buckets: readonly BucketStat[], options: BaselineOptions): Baseline | Learning =>
  fitColumns(columnsOf(buckets), options);

/**
 * The same from columns. Sums go bucket by bucket in time order, so the same buckets give the same bits however they were gathered;
 * `kept`: what the fit before has left of weekdays whose buckets are the same.
 */
export function fitColumns(
  used: BucketColumns,
  options: BaselineOptions,
  kept?: WeekdaySums,
): Baseline | Learning {
  const { requests, sum, days } = countAll(used);
  if (days < (options.minDays ?? minDaysDefault)) return { learning: 'too_few_days', days, requests };
  if (requests < (options.minRequests ?? minRequestsDefault) || requests === 0) {
    return { learning: 'too_few_requests', days, requests };
  }

  const model: SeasonModel = days < fullSeasonDays ? 'day' : 'week';
  const { coefficients, residuals, dayLevels } = fitSeason(
    used,
    model,
    kept,
    ofSize(roomForResiduals, used.size),
  );
  const observedVariance = pooledVariance(used, residuals);
  const spread = {
    withinVariance: Math.max(observedVariance, options.requestVarianceFloor),
    betweenVariance: betweenBucketVariance(used, residuals, observedVariance),
  };
  const { inflation, shortInflation } = inflations(used, residuals, spread, dayLevels);
  const noise = {
    ...spread,
    inflation,
    shortInflation,
    // The grid starts at 2 d0 and the slack takes 0.75 d0, so a residual clipped below 1.75 d0 could never count as
    // evidence: with sd(V) of at least d0/2 the clip at 5 sd stays at 2.5 d0 or more however large the traffic.
    // A V above the true one keeps every increment an e-value.
    bucketVarianceFloor: (options.minShift / 2) ** 2,
  };
  const counts = options.isProportion ? { countVariance: spread.withinVariance } : {};
  const values = valuesBySlot(used);
  const precisions = bucketPrecisions(noise, used);
  const dayInformation = total(precisions) / days;
  const effect = dayEffect({ ...noise, dayInformation });
  return {
    model,
    coefficients,
    fromMs: used.startMs[0]!,
    toMs: used.startMs[used.size - 1]! + bucketMs,
    days,
    requests,
    mean: sum / requests,
    ...noise,
    excess: excessOf({ days: used.day, residuals, precisions, ...effect, ...counts }, options),
    dayInformation,
    seenWeekdays: weekdayFlags(values),
    seenHours: hourFlags(values, model),
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

/** Fits of a whole reference that are made over and over need no memory of their own each time: what is in here ends with the fit. */
const roomForResiduals = { values: new Float64Array(0) };
const roomForPrecisions = { values: new Float64Array(0) };

function ofSize(room: { values: Float64Array }, size: number): Float64Array {
  if (room.values.length < size) room.values = new Float64Array(2 * size);
  return room.values.subarray(0, size);
}

/** 1/V of many, without a look at the noise or a division for each but one. */
function bucketPrecisions(
  { withinVariance, betweenVariance, inflation, bucketVarianceFloor }: Parameters<typeof bucketVariance>[0],
  { size, n }: BucketColumns,
): Float64Array {
  const [within, between] = [inflation * withinVariance, inflation * betweenVariance];
  const most = 1 / bucketVarianceFloor;
  const precisions = ofSize(roomForPrecisions, size);
  for (let at = 0; at < size; at++) {
    const count = n[at]!;
    const precision = count / (within + between * count);
    precisions[at] = Math.min(precision, most);
  }
  return precisions;
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
  const dayRatio = ratioOf(baseline);
  const dayVariance = dayVarianceOf(dayRatio, baseline.dayInformation);
  // Written out, since it happens at every bucket: spreading costs several times as much.
  return countVariance === undefined
    ? { startMs, n, expected, residual, variance, dayRatio, dayVariance }
    : { startMs, n, expected, residual, variance, dayRatio, dayVariance, countVariance };
}

function total(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum;
}

/** Values, their sum, and the UTC days they lie in. */
function countAll({ size, n, sum, day }: BucketColumns): { requests: number; sum: number; days: number } {
  let requests = 0;
  let total = 0;
  let days = 0;
  for (let at = 0; at < size; at++) {
    requests += n[at]!;
    total += sum[at]!;
    if (at === 0 || day[at] !== day[at - 1]) days += 1;
  }
  return { requests, sum: total, days };
}

/** s² = Σ (sumSq − sum²/n) / Σ (n − 1); from the residuals when every bucket holds a single value. */
function pooledVariance({ size, n, squares: own }: BucketColumns, residuals: Float64Array): number {
  let squares = 0;
  let degrees = 0;
  let aroundExpectation = 0;
  let values = 0;
  for (let at = 0; at < size; at++) {
    const count = n[at]!;
    squares += own[at]!;
    degrees += count - 1;
    aroundExpectation += count * residuals[at]! ** 2;
    values += count;
  }
  return degrees > 0 ? squares / degrees : aroundExpectation / values;
}

/** τ² = max(0, Σ n (r² − s²/n) / Σ n): the method of moments of a one-way random-effects model. */
function betweenBucketVariance(
  { size, n }: BucketColumns,
  residuals: Float64Array,
  withinVariance: number,
): number {
  let excess = 0;
  let values = 0;
  for (let at = 0; at < size; at++) {
    excess += n[at]! * residuals[at]! ** 2 - withinVariance;
    values += n[at]!;
  }
  return Math.max(0, excess / values);
}

/**
 * f = max(1, mean over days of (Σ_day r/v)² / (Σ_day 1/v) × D/(D − levels − 0.5)): how much more a day's total wanders
 * than its independent buckets would. The last factor repays the degrees of freedom the fitted levels take
 * (28/20.5 for 28 days and 7 weekdays, 28/25.5 when only weekends differ). The short inflation is the same over three hours and at
 * most f: what wander within the day adds to independent buckets, without the days' own levels.
 */
function inflations(
  { size, n, day, stretch }: BucketColumns,
  residuals: Float64Array,
  { withinVariance, betweenVariance }: Pick<Baseline, 'withinVariance' | 'betweenVariance'>,
  dayLevels: number,
): { inflation: number; shortInflation: number } {
  const long = { count: 0, squares: 0 };
  const short = { count: 0, squares: 0 };
  for (let at = 0; at < size; ) {
    const today = day[at]!;
    let dayScore = 0;
    let dayKnown = 0;
    while (at < size && day[at] === today) {
      const current = stretch[at]!;
      let score = 0;
      let known = 0;
      for (; at < size && stretch[at] === current; at++) {
        const count = n[at]!;
        const information = count / (withinVariance + betweenVariance * count);
        score += residuals[at]! * information;
        known += information;
      }
      short.count += 1;
      short.squares += score ** 2 / known;
      dayScore += score;
      dayKnown += known;
    }
    long.count += 1;
    long.squares += dayScore ** 2 / dayKnown;
  }
  const correction = long.count / Math.max(0.5, long.count - dayLevels - 0.5);
  const inflation = Math.max(1, (long.squares / long.count) * correction);
  return { inflation, shortInflation: Math.min(inflation, Math.max(1, short.squares / short.count)) };
}

/** What of V is the day's own: see `DayEffect`. */
export function dayEffect(
  baseline: Pick<Baseline, 'inflation' | 'shortInflation' | 'dayInformation'>,
): Required<DayEffect> {
  const dayRatio = ratioOf(baseline);
  return { dayRatio, dayVariance: dayVarianceOf(dayRatio, baseline.dayInformation) };
}

const ratioOf = ({ inflation, shortInflation }: Pick<Baseline, 'inflation' | 'shortInflation'>): number =>
  inflation / (shortInflation ?? inflation);

const dayVarianceOf = (ratio: number, dayInformation: number): number =>
  (ratio - 1) / (ratio * dayInformation);

/** Values in each of the 672 slots of the week. */
function valuesBySlot({ size, n, slot }: BucketColumns): Float64Array {
  const values = new Float64Array(bucketsPerWeek);
  for (let at = 0; at < size; at++) values[slot[at]!]! += n[at]!;
  return values;
}

function weekdayFlags(values: Float64Array): string {
  const isSeen = (weekday: number) =>
    values.subarray(weekday * bucketsPerDay, (weekday + 1) * bucketsPerDay).some(n => n > 0);
  return [0, 1, 2, 3, 4, 5, 6].map(weekday => (isSeen(weekday) ? '1' : '0')).join('');
}

const hourFlagIndex = (slot: number): number => hourOfSlot(slot) + (isWeekend(slot) ? 24 : 0);

/** An hour counts as seen with a few values within an hour either side; short histories do not tell weekends apart. */
function hourFlags(values: Float64Array, model: SeasonModel): string {
  const requests = new Array<number>(48).fill(0);
  for (let slot = 0; slot < values.length; slot++) {
    const index = hourFlagIndex(slot);
    requests[index]! += values[slot]!;
    if (model === 'day') requests[(index + 24) % 48]! += values[slot]!;
  }
  const near = (index: number) => {
    const start = index < 24 ? 0 : 24;
    const hour = index - start;
    return [hour + 23, hour, hour + 1].reduce((total, h) => total + requests[start + (h % 24)]!, 0);
  };
  return requests.map((_, index) => (near(index) >= minRequestsNearHour ? '1' : '0')).join('');
}
