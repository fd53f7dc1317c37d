import type { Observation } from './baseline.ts';
import { exponential } from './exponential.ts';
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
export const assumedShifts = (options: EvidenceOptions): readonly number[] => assumptionsOf(options).shifts;

/** The assumed shifts and how they are weighed, see `tilted`. */
interface Assumptions {
  shifts: readonly number[];
  /** slack d0. */
  slack: number;
  /** By the variance of counts, 0 for none: one for each series and day, and the series of a feature are taken in turn. */
  weighed: Map<number, Weighing>;
}

interface Weighing {
  /** t of every assumed shift. */
  tilts: readonly number[];
  /** t sign(g) slack d0 + c. */
  costs: readonly number[];
}

/** By d0, with the defaults for all else: asked for at every bucket. */
const known = new Map<number, Assumptions>();
const mostKnown = 1000;

function assumptionsOf({ minShift, grid, slack }: EvidenceOptions): Assumptions {
  const isUsual = grid === undefined && slack === undefined;
  const found = isUsual ? known.get(minShift) : undefined;
  if (found) return found;
  const multiples = grid ?? defaults.grid;
  const made = {
    shifts: [...multiples, ...multiples.map(multiple => -multiple)].map(multiple => multiple * minShift),
    slack: (slack ?? defaults.slack) * minShift,
    weighed: new Map(),
  };
  if (known.size > mostKnown) known.clear();
  if (isUsual) known.set(minShift, made);
  return made;
}

function weighing({ shifts, slack, weighed }: Assumptions, countVariance: number | undefined): Weighing {
  const found = weighed.get(countVariance ?? 0);
  if (found) return found;
  const each = shifts.map(shift => tilted(shift, countVariance));
  const made = {
    tilts: each.map(({ tilt }) => tilt),
    costs: each.map(({ tilt, cost }, i) => tilt * Math.sign(shifts[i]!) * slack + cost),
  };
  if (weighed.size > mostKnown) weighed.clear();
  weighed.set(countVariance ?? 0, made);
  return made;
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

const nothingYet = { score: 0, information: 0 };

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
  const logRise = Math.log1p(rise);
  return { tilt: countVariance * logRise, cost: countVariance ** 2 * (rise - logRise) };
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
  const limit = (options.clipSds ?? defaults.clipSds) * Math.sqrt(variance);
  const clipped = Math.min(limit, Math.max(-limit, residual));
  const today = Math.floor(startMs / dayMs) * dayMs;
  const so = before?.dayMs === today ? before : nothingYet;
  const weight = dayRatio / variance;
  const day = {
    dayMs: today,
    score: so.score + clipped * weight,
    information: so.information + weight,
  };
  const share = 1 / (1 + dayVariance * day.information);
  const shareBefore = 1 / (1 + dayVariance * so.information);
  const dScore = day.score * share - so.score * shareBefore;
  const dInformation = day.information * share - so.information * shareBefore;
  const { tilts, costs } = weighing(assumptionsOf(options), countVariance);
  const taken = new Array<number>(tilts.length);
  for (let i = 0; i < taken.length; i++) taken[i] = tilts[i]! * dScore - costs[i]! * dInformation;
  return { increments: taken, day };
}

/** A time without a change, bucket by bucket: the number of its UTC day, its residual and 1/V. */
interface ReferenceNoise extends DayEffect {
  days: ArrayLike<number>;
  residuals: ArrayLike<number>;
  precisions: ArrayLike<number>;
  countVariance?: number;
}

/** Squares of likelihood ratios whose logarithms stay below this are far from the ends of a double. */
const safeLog = 60;

/**
 * What the increments of a time without a change exceed those of an e-value by: max(0, ln mean exp inc(g)) for every
 * assumed shift of the default grid. The Gaussian increment is one only for residuals without a heavy tail; a judge that gives 3 %
 * zeros, or an error rate of 1 %, has one, and would break the false-alarm budget by a factor of four. Taken off each increment, the
 * mean of exp inc(g) over the reference is at most 1, which is all that the bound on false alarms asks for (Shin, Ramdas,
 * Rinaldo, E-detectors, 2022).
 *
 * With S' = S / (1 + σ² A) and A' alike, inc(g) = t ΔS' − (t sign(g) slack d0 + c) ΔA': what `increments` gives, without its objects, since
 * a fit does this thousands of times. Each assumed shift is twice the one before, so where noise is normal its likelihood ratio follows
 * from the square of that one: exp inc(2g) = (exp inc(g))² exp(−g² ΔA').
 */
export function excessOf(noise: ReferenceNoise, { minShift }: Pick<EvidenceOptions, 'minShift'>): number[] {
  const assumed = assumptionsOf({ minShift });
  const { tilts, costs } = weighing(assumed, noise.countVariance);
  const sums = sumRatios(noise, tilts, costs, assumed.shifts[0]!);
  return sums.map(sum => Math.max(0, Math.log(sum / noise.residuals.length)));
}

/** Σ exp inc(g) of the six assumed shifts. The sums are variables and not an array: they are added to at every bucket. */
function sumRatios(
  { days, residuals, precisions, countVariance, dayRatio = 1, dayVariance = 0 }: ReferenceNoise,
  tilts: readonly number[],
  costs: readonly number[],
  least: number,
): number[] {
  const [tilt0, tilt1, tilt2, tilt3, tilt4, tilt5] = tilts as SixNumbers;
  const [cost0, cost1, cost2, cost3, cost4, cost5] = costs as SixNumbers;
  const leastSquared = least ** 2;
  const clipSquared = defaults.clipSds ** 2;
  const isNormal = countVariance === undefined;
  const size = residuals.length;
  let [sum0, sum1, sum2, sum3, sum4, sum5] = [0, 0, 0, 0, 0, 0];
  let today = Number.NaN;
  let score = 0;
  let information = 0;
  let scoreBefore = 0;
  let informationBefore = 0;
  for (let at = 0; at < size; at++) {
    if (days[at] !== today) {
      today = days[at]!;
      score = 0;
      information = 0;
      scoreBefore = 0;
      informationBefore = 0;
    }
    const precision = precisions[at]!;
    const residual = residuals[at]!;
    const weight = dayRatio * precision;
    const isWild = residual * residual * precision > clipSquared;
    score += weight * (isWild ? Math.sign(residual) * Math.sqrt(clipSquared / precision) : residual);
    information += weight;
    const share = 1 / (1 + dayVariance * information);
    const dScore = score * share - scoreBefore;
    const dInformation = information * share - informationBefore;
    scoreBefore = score * share;
    informationBefore = information * share;

    const drift = least * dScore;
    const spread = leastSquared * dInformation;
    const isSafe = Math.abs(drift) < safeLog && spread < safeLog;
    if (isSafe) {
      const factor = exponential(-spread);
      const factorOfNext = factor * factor * (factor * factor);
      const fall = exponential(-drift - cost3 * dInformation);
      const fallTwice = fall * fall * factor;
      sum3 += fall;
      sum4 += fallTwice;
      sum5 += fallTwice * fallTwice * factorOfNext;
      if (isNormal) {
        const rise = exponential(drift - cost0 * dInformation);
        const riseTwice = rise * rise * factor;
        sum0 += rise;
        sum1 += riseTwice;
        sum2 += riseTwice * riseTwice * factorOfNext;
        continue;
      }
    } else {
      sum3 += exponential(tilt3 * dScore - cost3 * dInformation);
      sum4 += exponential(tilt4 * dScore - cost4 * dInformation);
      sum5 += exponential(tilt5 * dScore - cost5 * dInformation);
    }
    sum0 += exponential(tilt0 * dScore - cost0 * dInformation);
    sum1 += exponential(tilt1 * dScore - cost1 * dInformation);
    sum2 += exponential(tilt2 * dScore - cost2 * dInformation);
  }
  return [sum0, sum1, sum2, sum3, sum4, sum5];
}

type SixNumbers = [number, number, number, number, number, number];
