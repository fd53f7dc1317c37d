import { logEvidence, radius, rhoFor } from '../canary/normal-mixture.ts';
import { normalQuantile, tQuantile } from '../sampling/student-t.ts';

/** Scores of one run, in the order of the anchors; null where the judge failed. */
export interface AnchorRun {
  atMs: number;
  values: readonly (number | null)[];
}

export interface AnchorDrift {
  state: 'learning' | 'steady' | 'changed';
  /** Mean paired difference to the first scores: since the change, or over the runs that are looked at. */
  difference: number | null;
  low: number | null;
  high: number | null;
  anchors: number;
  /** Index of the first run that was not as before; null unless changed. */
  since: number | null;
}

/** Chance with which one sequence of runs ever leaves its interval while the judge stays the same. */
export const driftAlpha = 0.001;
/** Of the score: what is tuned for, and what is too little to speak of. */
const expectedShift = 0.05;
const smallestShift = 0.01;
/** One anchor that moves by a step of the scale is no change of a judge that otherwise answers word by word the same. */
const step = 0.25;
const fewestAnchors = 10;
/** A change that has not shown in so many runs is too small for these anchors. */
const longestLook = 60;

/**
 * Whether the judge changed, and since which run. For every possible first run there is a confidence sequence of the mean paired difference
 * between the runs since then and the first scores (paired, so that hard and easy anchors do not matter; the first scores are a
 * fixed arm whose noise is in the spread of the differences). The judge changed when any of them leaves out zero: a new sequence is begun with
 * every run, and the average time to a false alarm is at least 1 / alpha runs (Shekhar and Ramdas, "Reducing sequential change
 * detection to sequential estimation", 2023; for the sequences see canary/normal-mixture.ts). `first` holds the first scores by anchor.
 */
export function anchorDrift(first: readonly (readonly number[])[], runs: readonly AnchorRun[]): AnchorDrift {
  const nothing = { difference: null, low: null, high: null, anchors: first.length, since: null };
  const oldest = Math.max(0, runs.length - longestLook);
  const sums = first.map(() => ({ sum: 0, n: 0 }));
  let whole: Difference | null = null;
  let found: { difference: Difference; since: number; evidence: number } | null = null;
  for (let since = runs.length - 1; since >= oldest; since -= 1) {
    runs[since]!.values.forEach((value, at) => {
      const sum = sums[at];
      if (value === null || !sum) return;
      sum.sum += value;
      sum.n += 1;
    });
    const difference = differenceOf(first, sums);
    if (!difference) continue;
    whole = difference;
    const { mean, low, high, evidence } = difference;
    if ((low <= 0 && high >= 0) || Math.abs(mean) < smallestShift) continue;
    // Of runs that say the same the earliest dates the change.
    if (!found || evidence > found.evidence - 1e-9) found = { difference, since, evidence };
  }
  if (!whole) return { ...nothing, state: 'learning' };
  const { mean, low, high } = found?.difference ?? whole;
  const state = found ? ('changed' as const) : ('steady' as const);
  return { ...nothing, state, difference: mean, low, high, since: found?.since ?? null };
}

interface Difference {
  mean: number;
  low: number;
  high: number;
  evidence: number;
}

const boundary = { rho: rhoFor(expectedShift, driftAlpha), alpha: driftAlpha };

function differenceOf(
  first: readonly (readonly number[])[],
  sums: readonly { sum: number; n: number }[],
): Difference | null {
  const differences = sums.flatMap(({ sum, n }, at) => {
    const before = first[at]!;
    return n === 0 || before.length === 0
      ? []
      : [sum / n - before.reduce((a, b) => a + b, 0) / before.length];
  });
  const n = differences.length;
  if (n < fewestAnchors) return null;
  const mean = differences.reduce((a, b) => a + b, 0) / n;
  const spread = differences.reduce((sum, difference) => sum + (difference - mean) ** 2, 0) / (n - 1);
  // The spread is estimated from few anchors: what Student's t is wider than the normal by, the variance is made larger by.
  const wider = tQuantile(1 - driftAlpha / 2, n - 1) / normalQuantile(1 - driftAlpha / 2);
  const variance = (wider ** 2 * spread) / n + (step / n) ** 2;
  const off = radius(1 / variance, boundary);
  return { mean, low: mean - off, high: mean + off, evidence: logEvidence(mean, 1 / variance, boundary.rho) };
}
