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

/** Defects (or good answers, whichever are fewer) that the design effect of a sample must rest on to be believed by half. */
const believedAfter = 10;

/**
 * The weighted mean of Hájek (1971) with intervals; null without scores. Calls are chosen independently of each other (Poisson
 * sampling), so with e = x - mean the variance of the mean over just these calls is Σ (w² - w) e² / (Σ w)², and over all calls that might
 * have happened Σ w² e² / (Σ w)² (Särndal, Swensson and Wretman 1992, sections 5.7 and 2.8).
 *
 * That variance rests on the few scores of large weight: where by chance no defect was among them, mean and variance are both too
 * small, and a nominal 95 % interval holds as seldom as 88 % of the time. So the design effect is drawn towards Kish's (1965), which is right
 * when weights say nothing of scores, by as much as the defects that were seen are too few to tell: lambda = K / (K + 10), K being Kish's size of
 * the defects or of the good answers. `npm run simulate:intervals` is what 10 was chosen by.
 */
export function estimate(sums: ScoreSums, level = 0.95): Estimate | null {
  if (sums.n === 0) return null;
  const mean = sums.wx / sums.w;
  const effectiveN = sums.w ** 2 / sums.ww;
  const spread = (all: number, x: number, xx: number) => Math.max(0, xx - 2 * mean * x + mean ** 2 * all);
  const square = spread(sums.ww, sums.wwx, sums.wwxx);
  const once = spread(sums.w, sums.wx, sums.wxx);
  const isShare = sums.min >= 0 && sums.max <= 1;
  // x² is x for every score only when all are 0 or 1: then the mean fixes the variance, and there is nothing to be fitted.
  const isYesNo = isShare && Math.abs(sums.wx - sums.wxx) <= 1e-9 * sums.w;
  const small = !isYesNo && effectiveN > 1 ? effectiveN / (effectiveN - 1) : 1;
  const byKish = (once * sums.ww) / sums.w;
  const drawn = byKish + believed(sums, isShare) * (square - byKish);
  const unseen = Math.max(0, 1 - sums.w / sums.ww);
  const least = once / sums.w / sums.n;
  const variance = Math.max(least, (drawn * small) / sums.w ** 2);
  const callsVariance = Math.max(least * unseen, (Math.max(0, drawn - once) * small) / sums.w ** 2);
  const shared = { mean, effectiveN, level, isShare, isYesNo };
  return {
    mean,
    effectiveN,
    process: interval({ ...shared, variance, unseen: 1 }),
    calls: interval({ ...shared, variance: callsVariance, unseen }),
  };
}

/** Lambda above, 0 to 1. Of scores without a worst and a best all count. */
function believed({ w, wx, ww, wwx }: ScoreSums, isShare: boolean): number {
  const size = (sum: number, squares: number) => (squares > 0 ? sum ** 2 / squares : 0);
  const seen = isShare ? Math.min(size(wx, wwx), size(w - wx, ww - wwx)) : size(w, ww);
  return seen / (seen + believedAfter);
}

interface IntervalOf {
  mean: number;
  variance: number;
  effectiveN: number;
  level: number;
  /** All scores are between 0 and 1. */
  isShare: boolean;
  /** All scores are 0 or 1. */
  isYesNo: boolean;
  /** Share of the variance that is left by what was not scored: 0 when everything was. */
  unseen: number;
}

/**
 * Scores between 0 and 1: Wilson's interval (1927) with the effective sample size mean (1 - mean) / variance of Korn and Graubard (1998),
 * which keeps its level for rare defects where mean ± 1.96 s does not. Others: mean ± t s. Degrees of freedom from Kish's size.
 *
 * A count is whole, so no interval of one holds exactly as often as it says: each of its two ends moves the coverage by up to φ(1.96) / sd =
 * 0.058 / sd of the count (Brown, Cai and DasGupta, Statistical Science 16 (2001) 101-133). See docs/quality.md for where 94 to 96 % hold.
 */
function interval({
  mean,
  variance,
  effectiveN,
  level,
  isShare,
  isYesNo,
  unseen,
}: IntervalOf): Interval | null {
  if (unseen < 1e-9) return { low: mean, high: mean };
  const normal = tQuantile(1 - (1 - level) / 2, 1e9);
  const t = isYesNo ? normal : tQuantile(1 - (1 - level) / 2, Math.max(1, effectiveN - 1));
  if (!isShare) {
    const half = t * Math.sqrt(variance);
    return effectiveN < 2 ? null : { low: mean - half, high: mean + half };
  }
  const most = mean * (1 - mean);
  // Scores that are all alike say nothing of their variance: then as many as there are count.
  const isFlat = variance <= 1e-12 || most <= 1e-12;
  const size = isFlat ? effectiveN / unseen : most / variance;
  const z = isFlat ? normal : t;
  const centre = (mean + z ** 2 / (2 * size)) / (1 + z ** 2 / size);
  const half = (z / (1 + z ** 2 / size)) * Math.sqrt(most / size + z ** 2 / (4 * size ** 2));
  return {
    low: Math.max(0, Math.min(mean, centre - half)),
    high: Math.min(1, Math.max(mean, centre + half)),
  };
}
