import { tQuantile } from './student-t.ts';

/**
 * All that an estimate needs of scores x with weights w = 1 / inclusion probability. Sums over parts add up to those over the whole, so
 * they can be rolled up.
 */
export interface ScoreSums {
  n: number;
  w: number;
  wx: number;
  wxx: number;
  ww: number;
  wwx: number;
  wwxx: number;
  /** Extremes of x; Infinity and -Infinity of nothing. */
  min: number;
  max: number;
}

export interface Interval {
  low: number;
  high: number;
}

export interface Estimate {
  mean: number;
  /** Kish (1965): as many equally weighted scores would be as sure. */
  effectiveN: number;
  /** Of what produces the calls: how calls like these score. For comparing times and variants. */
  process: Interval | null;
  /** Of the mean over exactly the calls that happened; without width when all of them are scored. */
  calls: Interval | null;
}

/** A score and the probability, over 0 to 1, with which its call was chosen. */
export interface Weighed {
  value: number;
  probability: number;
}

export function scoreSums(scores: Iterable<Weighed>): ScoreSums {
  const sums: ScoreSums = {
    n: 0,
    w: 0,
    wx: 0,
    wxx: 0,
    ww: 0,
    wwx: 0,
    wwxx: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  };
  for (const { value: x, probability } of scores) {
    const w = 1 / probability;
    sums.n += 1;
    sums.w += w;
    sums.wx += w * x;
    sums.wxx += w * x * x;
    sums.ww += w * w;
    sums.wwx += w * w * x;
    sums.wwxx += w * w * x * x;
    sums.min = Math.min(sums.min, x);
    sums.max = Math.max(sums.max, x);
  }
  return sums;
}

/**
 * The weighted mean of Hájek (1971) with intervals; null without scores. Calls are chosen independently of each other (Poisson
 * sampling), so with e = x - mean the variance of the mean over just these calls is Σ (w² - w) e² / (Σ w)², and over all calls that might
 * have happened Σ w² e² / (Σ w)² (Särndal, Swensson and Wretman 1992, sections 5.7 and 2.8).
 */
export function estimate(sums: ScoreSums, level = 0.95): Estimate | null {
  if (sums.n === 0) return null;
  const mean = sums.wx / sums.w;
  const effectiveN = sums.w ** 2 / sums.ww;
  const spread = (all: number, x: number, xx: number) => Math.max(0, xx - 2 * mean * x + mean ** 2 * all);
  const square = spread(sums.ww, sums.wwx, sums.wwxx);
  const once = spread(sums.w, sums.wx, sums.wxx);
  // The mean is fitted to the same scores: without the correction small samples look too sure.
  const small = effectiveN > 1 ? effectiveN / (effectiveN - 1) : 1;
  const unseen = Math.max(0, 1 - sums.w / sums.ww);
  // Where no defect was seen in what is seldom chosen, the variance looks smaller than so few scores can tell.
  const least = once / sums.w / sums.n;
  const variance = Math.max(least, (square * small) / sums.w ** 2);
  const callsVariance = Math.max(least * unseen, (Math.max(0, square - once) * small) / sums.w ** 2);
  const shared = { mean, effectiveN, level, isShare: sums.min >= 0 && sums.max <= 1 };
  return {
    mean,
    effectiveN,
    process: interval({ ...shared, variance, unseen: 1 }),
    calls: interval({ ...shared, variance: callsVariance, unseen }),
  };
}

interface IntervalOf {
  mean: number;
  variance: number;
  effectiveN: number;
  level: number;
  /** All scores are between 0 and 1. */
  isShare: boolean;
  /** Share of the variance that is left by what was not scored: 0 when everything was. */
  unseen: number;
}

/**
 * Scores between 0 and 1: Wilson's interval (1927) with the effective sample size mean (1 - mean) / variance of Korn and Graubard (1998),
 * which keeps its level for rare defects where mean ± 1.96 s does not. Others: mean ± t s. Degrees of freedom from Kish's size.
 */
function interval({ mean, variance, effectiveN, level, isShare, unseen }: IntervalOf): Interval | null {
  if (unseen < 1e-9) return { low: mean, high: mean };
  const t = tQuantile(1 - (1 - level) / 2, Math.max(1, effectiveN - 1));
  if (!isShare) {
    const half = t * Math.sqrt(variance);
    return effectiveN < 2 ? null : { low: mean - half, high: mean + half };
  }
  const most = mean * (1 - mean);
  // Scores that are all alike say nothing of their variance: then as many as there are count.
  const isFlat = variance <= 1e-12 || most <= 1e-12;
  const size = isFlat ? effectiveN / unseen : most / variance;
  const z = isFlat ? tQuantile(1 - (1 - level) / 2, 1e9) : t;
  const centre = (mean + z ** 2 / (2 * size)) / (1 + z ** 2 / size);
  const half = (z / (1 + z ** 2 / size)) * Math.sqrt(most / size + z ** 2 / (4 * size ** 2));
  return {
    low: Math.max(0, Math.min(mean, centre - half)),
    high: Math.min(1, Math.max(mean, centre + half)),
  };
}
