import type { Observation } from './baseline.ts';

/** When a mean changed, to the start of a bucket, with the buckets that hold 90 % of the belief. Unix milliseconds. */
export interface ChangePoint {
  startMs: number;
  earliestMs: number;
  latestMs: number;
}

/** As in the detector: one bucket gone wild must not date the change by itself. */
const clipSds = 5;
const belief = 0.9;

/**
 * Dates a lasting shift that ends with the last of `observations` (in time order): for each candidate start c, the
 * log-likelihood gained by a mean shift from c on, of the best size, is S(c)² / 2A(c) with S = Σ r/V and A = Σ 1/V (Hinkley,
 * Inference about the change-point in a sequence of random variables, 1970). The interval weighs the candidates by that
 * likelihood with a flat prior on c and on the shift's size, A(c)^(−1/2) exp(gain) (Smith, A Bayesian approach to inference
 * about a change-point, 1975). Only shifts in `direction` count; null when there is none.
 */
export function dateChange(
  observations: readonly Observation[],
  direction: 'up' | 'down',
): ChangePoint | null {
  const sign = direction === 'up' ? 1 : -1;
  const candidates: { startMs: number; logWeight: number; gain: number }[] = [];
  let score = 0;
  let information = 0;
  for (const { startMs, residual, variance } of observations.toReversed()) {
    const limit = clipSds * Math.sqrt(variance);
    score += Math.max(-limit, Math.min(limit, residual)) / variance;
    information += 1 / variance;
    if (sign * score <= 0) continue;
    const gain = score ** 2 / (2 * information);
    candidates.push({ startMs, gain, logWeight: gain - Math.log(information) / 2 });
  }
  if (candidates.length === 0) return null;
  const best = candidates.reduce((top, one) => (one.gain > top.gain ? one : top));
  const believed = mostBelieved(candidates);
  return {
    startMs: best.startMs,
    earliestMs: Math.min(best.startMs, ...believed),
    latestMs: Math.max(best.startMs, ...believed),
  };
}

/** Starts of the likeliest candidates that together hold `belief`. */
function mostBelieved(candidates: readonly { startMs: number; logWeight: number }[]): number[] {
  const ranked = candidates.toSorted((one, other) => other.logWeight - one.logWeight);
  const top = ranked[0]!.logWeight;
  const total = ranked.reduce((sum, { logWeight }) => sum + Math.exp(logWeight - top), 0);
  const kept: number[] = [];
  let held = 0;
  for (const { startMs, logWeight } of ranked) {
    kept.push(startMs);
    held += Math.exp(logWeight - top) / total;
    if (held >= belief) break;
  }
  return kept;
}
