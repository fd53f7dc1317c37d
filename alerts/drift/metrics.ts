import type { BucketStat } from './baseline.ts';

/** Counts per 4 % wide logarithmic bin, `floor(25 ln x)`: `counts[i]` values lie in `bins[i]`, each bin stands once. */
export interface LogBins {
  readonly bins: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
  /** Places [from, to) of arrays that many buckets share; default: all of them. */
  readonly from?: number;
  readonly to?: number;
  /** Values up to this bin are all counted in it; absent: every bin has its own. */
  readonly lumpedUpTo?: number;
}

/** A stored 15-minute roll-up of one series and metric. `bins` is there for metrics whose quantiles matter. */
export interface StoredBucket extends BucketStat {
  bins?: LogBins;
}

export type DriftMetricId =
  | 'quality'
  | 'latency_tail'
  | 'cost'
  | 'output_length'
  | 'refusal'
  | 'error'
  | 'pace';

export interface DriftMetric {
  id: DriftMetricId;
  /** Which stored roll-up feeds it. */
  rollup: 'quality' | 'latency' | 'cost' | 'output_length' | 'refusal' | 'error' | 'pace';
  /** `tail`: share of values above the baseline's p95, from the roll-up's bins. */
  statistic: 'mean' | 'proportion' | 'tail';
  /** `log`: the roll-up sums natural logarithms; means and shifts are ratios in product units. */
  scale: 'linear' | 'log';
  /** d0: the smallest shift worth a page, in the scale above. */
  minShift: number;
  /** The direction that hurts; `either` when any lasting change is news. */
  bad: 'up' | 'down' | 'either';
  /** Unit of the mean once out of the log: what a person reads. */
  unit: 'score' | 'share' | 'usd' | 'tokens' | 'ms/token' | 'number';
}

/** The metrics watched on every (feature, model, environment). */
export const driftMetrics: Record<DriftMetricId, DriftMetric> = {
  // Judge score in [0, 1], over scored requests only.
  quality: mean('quality', 'linear', 0.01, 'down', 'score'),
  latency_tail: { ...proportion('latency_tail', 'latency', 0.01), statistic: 'tail' },
  cost: mean('cost', 'log', 0.03, 'up', 'usd'),
  output_length: mean('output_length', 'log', 0.03, 'either', 'tokens'),
  refusal: proportion('refusal', 'refusal', 0.005),
  error: proportion('error', 'error', 0.005),
  // Latency per output token: the fingerprint that betrays a silent model swap, in whichever direction.
  pace: mean('pace', 'log', 0.03, 'either', 'ms/token'),
};

function mean(
  id: DriftMetricId & DriftMetric['rollup'],
  scale: DriftMetric['scale'],
  minShift: number,
  bad: DriftMetric['bad'],
  unit: DriftMetric['unit'],
): DriftMetric {
  return { id, rollup: id, statistic: 'mean', scale, minShift, bad, unit };
}

function proportion(id: DriftMetricId, rollup: DriftMetric['rollup'], minShift: number): DriftMetric {
  return { id, rollup, statistic: 'proportion', scale: 'linear', minShift, bad: 'up', unit: 'share' };
}

/**
 * Smallest variance of one value to reckon with, so that a baseline in which nothing ever varied (no refusal, always
 * the same cost) does not make its first exception infinitely surprising: a rate of d0 for proportions, an sd of 5 d0
 * for means. Below what varying traffic shows.
 */
export function requestVarianceFloor({ statistic, minShift }: DriftMetric): number {
  return statistic === 'mean' ? (5 * minShift) ** 2 : minShift * (1 - minShift);
}

/** A mean in the metric's scale as a person reads it: the geometric mean for log metrics. */
export const inProductUnits = ({ scale }: DriftMetric, value: number): number =>
  scale === 'log' ? Math.exp(value) : value;

/** A shift as a person reads it: relative change (0.15 = +15 %) for log metrics, the difference itself otherwise. */
export const shiftInProductUnits = ({ scale }: DriftMetric, shift: number): number =>
  scale === 'log' ? Math.expm1(shift) : shift;

/** Whether a move in this direction is what the metric warns about. */
export function judge({ bad }: DriftMetric, direction: 'up' | 'down'): 'worse' | 'better' | 'changed' {
  if (bad === 'either') return 'changed';
  return bad === direction ? 'worse' : 'better';
}
