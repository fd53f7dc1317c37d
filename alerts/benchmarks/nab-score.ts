/**
 * Score of the Numenta Anomaly Benchmark v1.1 (Lavin, Ahmad, Evaluating real-time anomaly detection algorithms, 2015; Ahmad
 * et al., Unsupervised real-time anomaly detection for streaming data, 2017), as its `sweeper.py` computes it.
 */

/** One series with a score for every row, in time order. Windows hold the first and last row index, inclusive. */
export interface ScoredSeries {
  scores: ArrayLike<number>;
  windows: readonly (readonly [first: number, last: number])[];
}

export interface NabProfile {
  falsePositive: number;
  falseNegative: number;
}

export const nabProfiles: Record<'standard' | 'low_fp' | 'low_fn', NabProfile> = {
  standard: { falsePositive: 0.11, falseNegative: 1 },
  low_fp: { falsePositive: 0.22, falseNegative: 1 },
  low_fn: { falsePositive: 0.11, falseNegative: 2 },
};

const probationShare = 0.15;
const probationRows = 5000;

/** Rows at the start of a series of `rows` in which nothing is scored. */
export const probation = (rows: number): number => Math.floor(probationShare * Math.min(rows, probationRows));

/** Worth of a detection at the relative place p: 1 at −∞, 0 at the window's end, towards −1 after it. */
const sigmoid = (p: number): number => (p > 3 ? -1 : 2 / (1 + Math.exp(5 * p)) - 1);

interface Point {
  score: number;
  /** Index of the window the row lies in, or −1. */
  window: number;
  worth: number;
}

/** Best normalised score over all thresholds, one for all series, and that threshold. −∞ to 100; never alarming is 0. */
export function nabScore(
  series: readonly ScoredSeries[],
  profile: NabProfile,
): { score: number; threshold: number } {
  const points: Point[] = [];
  let windows = 0;
  for (const one of series) windows += addPoints(points, one, windows, profile.falsePositive);
  if (windows === 0) throw new Error('no labelled window outside the probation period: nothing to score');
  points.sort((one, other) => other.score - one.score);

  const best = new Float64Array(windows).fill(-profile.falseNegative);
  let total = -profile.falseNegative * windows;
  let top = { total, threshold: Number.POSITIVE_INFINITY };
  points.forEach((point, at) => {
    if (point.window < 0) {
      total += point.worth;
    } else if (point.worth > best[point.window]!) {
      total += point.worth - best[point.window]!;
      best[point.window] = point.worth;
    }
    // Rows of one score are detected together.
    if (points[at + 1]?.score !== point.score && total > top.total) top = { total, threshold: point.score };
  });
  const perfect = windows + profile.falseNegative * windows;
  return { score: (100 * (top.total + profile.falseNegative * windows)) / perfect, threshold: top.threshold };
}

/** Adds the scored rows of one series; returns how many windows it has. */
function addPoints(
  points: Point[],
  { scores, windows: all }: ScoredSeries,
  offset: number,
  falsePositive: number,
): number {
  const from = probation(scores.length);
  const windows = all.filter(([, last]) => last >= from);
  let passed: readonly [number, number] | undefined = all.filter(([, last]) => last < from).at(-1);
  let next = 0;
  for (let row = from; row < scores.length; row += 1) {
    while (next < windows.length && windows[next]![1] < row) {
      passed = windows[next];
      next += 1;
    }
    const score = scores[row]!;
    const window = windows[next];
    if (window !== undefined && row >= window[0]) {
      const [first, last] = window;
      const place = -(last - row + 1) / (last - first + 1);
      points.push({ score, window: offset + next, worth: sigmoid(place) / sigmoid(-1) });
    } else {
      const worth =
        passed === undefined ? -1 : sigmoid((row - passed[1]) / Math.max(1, passed[1] - passed[0]));
      points.push({ score, window: -1, worth: falsePositive * worth });
    }
  }
  return windows.length;
}
