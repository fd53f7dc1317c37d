import { type Baseline, type BucketStat, observe } from './baseline.ts';
import { addObservation, type ShiftSums } from './detector.ts';
import { dayMs } from './season.ts';
import { type ShiftInterval, shiftInterval, type WelchTest, welch } from './shift.ts';

const hourMs = 60 * 60_000;
const windowHours = 24;
/** Twice the window: a series without a single value for so long is no longer reported. */
const vanishedMs = 2 * windowHours * hourMs;

/** How a change was dated: the stretch of buckets looked at, and the starts of those that hold 90 % of the belief. */
export interface Dating {
  lookedFromMs: number;
  earliestMs: number;
  latestMs: number;
}

/** An alert that stands open on one series and metric. Plain JSON; the baseline is frozen meanwhile. */
export interface OpenShift {
  openedAtMs: number;
  changeStartMs: number;
  /** Missing when the detector alone says where it began. */
  dating?: Dating;
  direction: 'up' | 'down';
  /** Everything since `changeStartMs`. */
  sums: ShiftSums;
  /** The last hours after the opening, at most 24, oldest first. */
  hours: HourWindow[];
  lastValueMs: number;
}

interface HourWindow {
  hourMs: number;
  n: number;
  /** Σ r/V and Σ 1/V. */
  weightedResidual: number;
  information: number;
  /** Σ (sumSq − sum²/n) and Σ (n − 1): the variance of single values inside buckets. */
  squares: number;
  degrees: number;
}

/** How large the shift is now, in the metric's scale: `before` is what the season would lead one to expect. */
export interface ShiftEstimate extends ShiftInterval {
  before: number;
  after: number;
  requests: number;
}

/** Size of a shift from its sums, with the 95 % confidence sequence; null without data. */
export function estimateShift(sums: ShiftSums, baseline: Baseline): ShiftEstimate | null {
  const interval = shiftInterval(sums, baseline.dayInformation);
  if (interval === null || sums.n === 0) return null;
  const before = sums.expectedSum / sums.n;
  return { ...interval, before, after: before + interval.shift, requests: sums.n };
}

/** Takes one more bucket into an open shift; the window keeps whole hours after the opening. */
export function extendShift(open: OpenShift, bucket: BucketStat, baseline: Baseline): OpenShift {
  const observation = observe(baseline, bucket);
  if (observation === null) return open;
  const { n, sum, sumSq, startMs } = bucket;
  const hour = Math.floor(startMs / hourMs) * hourMs;
  const hours = open.hours.filter(kept => kept.hourMs > hour - windowHours * hourMs);
  const last = hours.at(-1);
  const current =
    last?.hourMs === hour
      ? hours.pop()!
      : { hourMs: hour, n: 0, weightedResidual: 0, information: 0, squares: 0, degrees: 0 };
  hours.push({
    hourMs: hour,
    n: current.n + n,
    weightedResidual: current.weightedResidual + observation.residual / observation.variance,
    information: current.information + 1 / observation.variance,
    squares: current.squares + Math.max(0, sumSq - (sum * sum) / n),
    degrees: current.degrees + n - 1,
  });
  return { ...open, sums: addObservation(open.sums, observation), hours, lastValueMs: startMs };
}

export type Closing =
  | { reason: 'recovered'; shift: number; test: WelchTest }
  | { reason: 'no_longer_reported'; shift: null; test: null };

/**
 * Whether the shift is over at `atMs`: the last 24 h, all after the opening, no longer differ from the baseline (Welch
 * p > 0.05 and |shift| < d0), or nothing has been reported for 48 h.
 */
export function closing(open: OpenShift, baseline: Baseline, minShift: number, atMs: number): Closing | null {
  if (atMs - open.lastValueMs >= vanishedMs) return { reason: 'no_longer_reported', shift: null, test: null };
  if (atMs - open.openedAtMs < dayMs) return null;
  const test = windowTest(
    open.hours.filter(({ hourMs: start }) => start >= atMs - dayMs),
    baseline,
  );
  if (test === null || test.pTwoSided <= 0.05 || Math.abs(test.shift) >= minShift) return null;
  const { shift, ...welchTest } = test;
  return { reason: 'recovered', shift, test: welchTest };
}

/**
 * Welch's test of the window's deseasonalised mean against the baseline's. Requests of one day are not independent,
 * so each side counts with the number of independent values that carry the same information, σ² Σ 1/V: with plain
 * counts a busy series would differ "significantly" on most ordinary days and an alert could never close.
 */
function windowTest(
  hours: readonly HourWindow[],
  baseline: Baseline,
): (WelchTest & { shift: number }) | null {
  const total = { weightedResidual: 0, information: 0, squares: 0, degrees: 0 };
  for (const hour of hours) {
    total.weightedResidual += hour.weightedResidual;
    total.information += hour.information;
    total.squares += hour.squares;
    total.degrees += hour.degrees;
  }
  if (!(total.information > 0)) return null;
  const { withinVariance, betweenVariance, dayInformation, days } = baseline;
  const requestVariance = withinVariance + betweenVariance;
  const windowWithin = total.degrees > 0 ? total.squares / total.degrees : withinVariance;
  const shift = total.weightedResidual / total.information;
  const test = welch(
    { n: requestVariance * total.information, mean: shift, variance: windowWithin + betweenVariance },
    { n: requestVariance * dayInformation * days, mean: 0, variance: requestVariance },
  );
  return test && { ...test, shift };
}
