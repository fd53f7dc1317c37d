import type { Observation } from './baseline.ts';
import { dayMs } from './season.ts';

/** When a mean changed, to the start of a bucket, with the buckets that hold 90 % of the belief. Unix milliseconds. */
export interface ChangePoint {
  startMs: number;
  earliestMs: number;
  latestMs: number;
}

/** As in the detector: one bucket gone wild must not date the change by itself. */
const clipSds = 5;
const belief = 0.9;

/** The stretch in which a change is looked for: its least and greatest length. */
export const datedWithinMs = { least: 2 * dayMs, most: 14 * dayMs };
const stretchPerEvidence = 3;

/**
 * Start of the stretch in which a change is dated at a bucket, by how long the detector has gathered evidence: three times as
 * long, 2 to 14 days. A shift near the smallest worth a page takes days to show, and a stretch that began after it would
 * date it days late with an interval that looks sure (measured: 20 % of the intervals held the start with 2 days, 90 % so).
 */
export function datingFromMs(evidenceSinceMs: number, atMs: number): number {
  const { least, most } = datedWithinMs;
  return atMs - Math.min(most, Math.max(least, stretchPerEvidence * (atMs - evidenceSinceMs)));
}

/** The oldest start of that stretch for any bucket after `lastMs` up to `untilMs`: what must be at hand to judge them. */
export function oldestDatingMs(evidenceSinceMs: number, lastMs: number, untilMs: number): number {
  const { least, most } = datedWithinMs;
  const longest = Math.min(untilMs, evidenceSinceMs + most / stretchPerEvidence);
  const oldest = longest - stretchPerEvidence * (longest - evidenceSinceMs);
  return Math.max(lastMs - most, Math.min(lastMs - least, oldest));
}

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
