import { assumedShifts, type DayEffect, type DaySums, type EvidenceOptions, increments } from './evidence.ts';
import { poissonMean } from './poisson-mean.ts';
import { bucketsPerWeek, dayMs } from './season.ts';

/**
 * Mixture Shiryaev–Roberts e-detector with slack (Shin, Ramdas, Rinaldo, E-detectors: a nonparametric
 * framework for sequential change detection, 2022). For every assumed shift g it carries the evidence, summed over all
 * possible starts, that the mean moved by about g; the mixture over g is what is compared with the threshold. Without
 * a change beyond the slack a series alarms at most once in exp(threshold) buckets on average, however often one looks.
 */

/** One assumed shift g and the data since evidence for it last stood below 0. */
interface Hypothesis {
  /** L_t(g), a natural logarithm; null stands for −∞, before the first bucket. */
  logEvidence: number | null;
  /** The last bucket at which L(g) was below 0: where the change would have begun. Null before the first bucket. */
  sinceMs: number | null;
  /** Sums from `sinceMs` on. */
  sums: ShiftSums;
}

/** What is needed to say how large a shift is: values, Σ n·expected, S = Σ r/V and A = Σ 1/V. Merge by adding. */
export interface ShiftSums {
  n: number;
  expectedSum: number;
  weightedResidual: number;
  information: number;
}

/** Six numbers that decide, and what the display needs. Plain JSON. */
export interface DetectorState {
  hypotheses: Hypothesis[];
  /** No evidence is gathered in buckets that start before this. */
  silentUntilMs: number | null;
  /** What of the running day has been taken, while days have levels of their own. */
  day?: DaySums;
}

export interface DetectorOptions extends EvidenceOptions {
  /** ln(K T / λ), see `alarmThreshold`. */
  threshold: number;
  /** The baseline's excess of every assumed shift, taken off each increment; default none. */
  excess?: readonly number[];
  /** Length of the silence after an alarm. */
  silenceMs?: number;
}

/** One bucket against its expectation; `variance` is V_t, the inflated variance of the bucket's mean. */
export interface DetectorInput extends DayEffect {
  startMs: number;
  n: number;
  expected: number;
  residual: number;
  variance: number;
}

export interface DetectorStep {
  state: DetectorState;
  /** M_t; null while silent. */
  logEvidence: number | null;
  alarm: boolean;
  /** The assumed shift with most evidence at this bucket; null while silent. */
  winner: { shift: number; sinceMs: number; sums: ShiftSums } | null;
}

const silenceMsDefault = dayMs;
export const noSums: ShiftSums = { n: 0, expectedSum: 0, weightedResidual: 0, information: 0 };

export function initialState(options: Pick<DetectorOptions, 'grid'> = {}): DetectorState {
  const hypotheses = assumedShifts({ minShift: 1, ...options }).map(() => ({
    logEvidence: null,
    sinceMs: null,
    sums: noSums,
  }));
  return { hypotheses, silentUntilMs: null };
}

/**
 * ln(K T / λ): K series watched, T buckets a week, λ false alarms a week on average over all of them. The budget B is a promise of "at
 * most" and not of a mean: with λ = B every fourth week would have two alarms where one is allowed. So λ is the mean that
 * stays within B in 95 % of weeks, P(Poisson(λ) ≤ B) = 0.95: 0.36 for B = 1, 1.4 for 3, 4.0 for 7.
 */
export function alarmThreshold(allowed: {
  series: number;
  bucketsPerWeek?: number;
  falseAlarmsPerWeek?: number;
}): number {
  const looks = Math.max(1, allowed.series) * (allowed.bucketsPerWeek ?? bucketsPerWeek);
  return Math.log(looks / meanWithin(allowed.falseAlarmsPerWeek ?? 1));
}

const keptWeeks = 0.95;
let lastMean = { budget: 0, mean: 0 };

/** λ of a budget; remembered, since it is asked for at every bucket with the same one. */
function meanWithin(budget: number): number {
  // Below one alarm in a year 95 % is the laxer of the two.
  if (lastMean.budget !== budget) {
    lastMean = { budget, mean: Math.min(budget, poissonMean(budget, keptWeeks)) };
  }
  return lastMean.mean;
}

/**
 * One bucket:
 *   inc(g)                                                as in evidence.ts, less the baseline's excess
 *   L_t(g) = ln(1 + exp L_{t−1}(g)) + inc(g),             L_0 = −∞
 *   M_t    = ln mean_g exp L_t(g),                        alarm when M_t ≥ threshold
 * An alarm empties the evidence and starts the silence.
 */
export function step(state: DetectorState, input: DetectorInput, options: DetectorOptions): DetectorStep {
  if (state.silentUntilMs !== null && input.startMs < state.silentUntilMs) {
    return { state, logEvidence: null, alarm: false, winner: null };
  }
  const shifts = assumedShifts(options);
  const taken = increments(input, options, state.day);
  // Hypotheses that began at the same bucket have the same sums: those are made once for all of them.
  const restarted = addObservation(noSums, input);
  let before = noSums;
  let after = restarted;
  const hypotheses: Hypothesis[] = [];
  for (let i = 0; i < taken.increments.length; i++) {
    const { logEvidence, sinceMs, sums } = state.hypotheses[i]!;
    const grown = softplus(logEvidence) + taken.increments[i]! - (options.excess?.[i] ?? 0);
    if (grown < 0 || sinceMs === null) {
      hypotheses.push({ logEvidence: grown, sinceMs: input.startMs, sums: restarted });
      continue;
    }
    if (sums !== before) {
      before = sums;
      after = addObservation(sums, input);
    }
    hypotheses.push({ logEvidence: grown, sinceMs, sums: after });
  }

  const best = strongest(hypotheses);
  const logEvidence = mixtureOf(hypotheses, best)!;
  const { sinceMs, sums } = hypotheses[best]!;
  const winner = { shift: shifts[best]!, sinceMs: sinceMs!, sums };
  const alarm = logEvidence >= options.threshold;
  const silentUntilMs = input.startMs + (options.silenceMs ?? silenceMsDefault);
  const { day } = taken;
  const next = alarm ? { ...initialState(options), silentUntilMs } : { hypotheses, silentUntilMs: null, day };
  return { state: next, logEvidence, alarm, winner };
}

/** The estimate uses the residual as it is; only the evidence is clipped. */
export function addObservation(
  sums: ShiftSums,
  { n, expected, residual, variance }: DetectorInput,
): ShiftSums {
  return {
    n: sums.n + n,
    expectedSum: sums.expectedSum + n * expected,
    weightedResidual: sums.weightedResidual + residual / variance,
    information: sums.information + 1 / variance,
  };
}

/**
 * Bound on the probability that noise alone lifts one series' evidence to this height within a week: T exp(−M).
 * Without a change exp(M_t) − t has no upward drift, so P(exp(M) reaches c within T buckets) ≤ T/c.
 */
export const chanceOfNoise = (logEvidence: number): number =>
  Math.min(1, bucketsPerWeek * Math.exp(-logEvidence));

/** M: the evidence of all assumed shifts together; null before the first bucket. */
export const mixtureEvidence = ({ hypotheses }: DetectorState): number | null =>
  mixtureOf(hypotheses, strongest(hypotheses));

function mixtureOf(hypotheses: readonly Hypothesis[], best: number): number | null {
  const largest = hypotheses[best]!.logEvidence;
  if (largest === null) return null;
  let total = 0;
  for (const { logEvidence } of hypotheses) {
    if (logEvidence !== null) total += Math.exp(logEvidence - largest);
  }
  return largest + Math.log(total) - Math.log(hypotheses.length);
}

/** Place of the first hypothesis with most evidence. */
function strongest(hypotheses: readonly Hypothesis[]): number {
  let best = 0;
  for (let at = 1; at < hypotheses.length; at++) {
    const known = hypotheses[best]!.logEvidence ?? Number.NEGATIVE_INFINITY;
    if ((hypotheses[at]!.logEvidence ?? Number.NEGATIVE_INFINITY) > known) best = at;
  }
  return best;
}

/** ln(1 + exp x) without overflow; null is −∞. */
function softplus(x: number | null): number {
  if (x === null) return 0;
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
