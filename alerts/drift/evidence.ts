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

type Increment = Pick<Observation, 'startMs' | 'residual' | 'variance'> & DayEffect;

/**
 * inc(g) = l_g(S, A) − l_g(S, A before the bucket), l_g(S, A) = (g (S − sign(g) slack d0 A) − g² A/2) / (1 + σ² A), r clipped at
 * ± 5 √V: the logarithm of the likelihood ratio of the bucket given those of its day, when the day's level is normal with variance
 * σ² (one-way random effects). Without a day's effect it is g (r − sign(g) slack d0)/V − g²/(2 V).
 */
export function increments(
  { startMs, residual, variance, dayRatio = 1, dayVariance = 0 }: Increment,
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
  const ratioOf = (shift: number, { score, information }: Omit<DaySums, 'dayMs'>) =>
    (shift * (score - Math.sign(shift) * slack * information) - (shift * shift * information) / 2) /
    (1 + dayVariance * information);
  const shifts = assumedShifts(options);
  return { increments: shifts.map(shift => ratioOf(shift, day) - ratioOf(shift, known)), day };
}

/**
 * What the increments of a time without a change exceed those of an e-value by: max(0, ln mean exp inc(g)) for every
 * assumed shift. The Gaussian increment is one only for residuals without a heavy tail; a judge that gives 3 % zeros, or an
 * error rate of 1 %, has one, and would break the false-alarm budget by a factor of four. Taken off each increment, the
 * mean of exp inc(g) over the reference is at most 1, which is all that the bound on false alarms asks for (Shin, Ramdas,
 * Rinaldo, E-detectors, 2022).
 */
export function excessOf(observations: readonly Increment[], options: EvidenceOptions): number[] {
  const totals = assumedShifts(options).map(() => 0);
  let day: DaySums | null = null;
  for (const observation of observations) {
    const taken = increments(observation, options, day);
    day = taken.day;
    taken.increments.forEach((increment, at) => {
      totals[at] = totals[at]! + Math.exp(increment);
    });
  }
  return totals.map(total => Math.max(0, Math.log(total / observations.length)));
}
