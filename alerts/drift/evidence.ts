import type { Observation } from './baseline.ts';
import { dayMs } from './season.ts';

/** Which shifts evidence is weighed for. */
export interface EvidenceOptions {
  /** d0, the smallest shift worth a page, in the metric's scale. */
  minShift: number;
  /** Shifts below slack × d0 give no evidence. Default 0.75. */
  slack?: number;
  /** Assumed shifts as positive multiples of d0; both signs are used. Default 2, 4, 8. */
  grid?: readonly number[];
  /** Residuals are clipped at this many sd. Default 5. */
  clipSds?: number;
}

const defaults = { slack: 0.75, grid: [2, 4, 8], clipSds: 5 } as const;

/** The assumed shifts g in the metric's scale: those upwards, then those downwards. */
export function assumedShifts({ minShift, grid = defaults.grid }: EvidenceOptions): number[] {
  return [...grid, ...grid.map(multiple => -multiple)].map(multiple => multiple * minShift);
}

/**
 * Days differ for no reason, and all of a day's buckets by the same: a variance f times as large, at every bucket, is right for a
 * day's sum and wasteful for an hour's. So V is told apart into what a bucket has of its own and the day's common effect.
 */
export interface DayEffect {
  /** V over the variance without the day's effect, ≥ 1; default 1: there is none. */
  dayRatio?: number;
  /** Variance of the effect that the buckets of a UTC day share. */
  dayVariance?: number;
}

/** What of the running day has been seen: S = Σ (r/v) and A = Σ (1/v) with v = V / dayRatio. Plain JSON. */
export interface DaySums {
  dayMs: number;
  score: number;
  information: number;
}

type Increment = Pick<Observation, 'startMs' | 'residual' | 'variance' | 'countVariance'> & DayEffect;

/**
 * How a shift g is weighed: t r − c, with t = g and c = g²/2 when noise is normal. The sum of rare 0/1 values has a longer tail
 * upwards: for a rise they are weighed as a Poisson count, t = s² ln(1 + g/s²) and c = s⁴ (g/s² − ln(1 + g/s²)), so that
 * E exp((t r − c)/v) ≤ 1 holds for v = s²/n (Bennett, Probability inequalities for the sum of independent random variables, 1962),
 * and for every larger v. A fall has the shorter tail, for which the normal is on the safe side.
 */
export function tilted(shift: number, countVariance?: number): { tilt: number; cost: number } {
  if (countVariance === undefined || shift <= 0) return { tilt: shift, cost: shift ** 2 / 2 };
  const rise = shift / countVariance;
  return {
    tilt: countVariance * Math.log1p(rise),
    cost: countVariance ** 2 * (rise - Math.log1p(rise)),
  };
}

/**
 * inc(g) = l_g(S, A) − l_g(S, A before the bucket), l_g(S, A) = (t (S − sign(g) slack d0 A) − c A) / (1 + σ² A), t and c as in
 * `tilted`, r clipped at ± 5 √V: the logarithm of the likelihood ratio of the bucket given those of its day, when the day's level is normal with variance
 * σ² (one-way random effects). Without a day's effect it is g (r − sign(g) slack d0)/V − g²/(2 V).
 */
export function increments(
  { startMs, residual, variance, countVariance, dayRatio = 1, dayVariance = 0 }: Increment,
  options: EvidenceOptions,
  before: DaySums | null = null,
): { increments: number[]; day: DaySums } {
  const slack = (options.slack ?? defaults.slack) * options.minShift;
  const limit = (options.clipSds ?? defaults.clipSds) * Math.sqrt(variance);
  const clipped = Math.min(limit, Math.max(-limit, residual));
  const today = Math.floor(startMs / dayMs) * dayMs;
  const known = before?.dayMs === today ? before : { score: 0, information: 0 };
  const weight = dayRatio / variance;
  const day = {
    dayMs: today,
    score: known.score + clipped * weight,
    information: known.information + weight,
  };
  const taken = assumedShifts(options).map(shift => {
    const weighed = tilted(shift, countVariance);
    const level = Math.sign(shift) * slack;
    const after = dayRatioOf(weighed, level, dayVariance, day.score, day.information);
    return after - dayRatioOf(weighed, level, dayVariance, known.score, known.information);
  });
  return { increments: taken, day };
}

/** l_g(S, A); `slack` with the sign of g. */
function dayRatioOf(
  { tilt, cost }: { tilt: number; cost: number },
  slack: number,
  dayVariance: number,
  score: number,
  information: number,
): number {
  return (tilt * (score - slack * information) - cost * information) / (1 + dayVariance * information);
}

/**
 * What the increments of a time without a change exceed those of an e-value by: max(0, ln mean exp inc(g)) for every
 * assumed shift. The Gaussian increment is one only for residuals without a heavy tail; a judge that gives 3 % zeros, or an
 * error rate of 1 %, has one, and would break the false-alarm budget by a factor of four. Taken off each increment, the
 * mean of exp inc(g) over the reference is at most 1, which is all that the bound on false alarms asks for (Shin, Ramdas,
 * Rinaldo, E-detectors, 2022).
 */
export function excessOf(observations: readonly Increment[], options: EvidenceOptions): number[] {
  const slack = (options.slack ?? defaults.slack) * options.minShift;
  // A reference is weighed in one way throughout.
  const weighed = assumedShifts(options).map(shift => ({
    ...tilted(shift, observations[0]?.countVariance),
    slack: Math.sign(shift) * slack,
  }));
  const clipSds = options.clipSds ?? defaults.clipSds;
  const totals = new Float64Array(weighed.length);
  // l_g after the bucket before: what `increments` gives, without its objects, since a fit does this thousands of times.
  const before = new Float64Array(weighed.length);
  let today = Number.NaN;
  let score = 0;
  let information = 0;
  for (const { startMs, residual, variance, dayRatio = 1, dayVariance = 0 } of observations) {
    const day = Math.floor(startMs / dayMs);
    if (day !== today) {
      today = day;
      score = 0;
      information = 0;
      before.fill(0);
    }
    const limit = clipSds * Math.sqrt(variance);
    const weight = dayRatio / variance;
    score += Math.min(limit, Math.max(-limit, residual)) * weight;
    information += weight;
    for (let at = 0; at < weighed.length; at += 1) {
      const ratio = dayRatioOf(weighed[at]!, weighed[at]!.slack, dayVariance, score, information);
      totals[at]! += Math.exp(ratio - before[at]!);
      before[at] = ratio;
    }
  }
  return Array.from(totals, total => Math.max(0, Math.log(total / observations.length)));
}
