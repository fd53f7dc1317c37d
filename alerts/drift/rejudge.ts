import { observe } from './baseline.ts';
import { type DetectorState, step } from './detector.ts';
import type { StoredBucket } from './metrics.ts';
import { dayMs } from './season.ts';
import { type SeriesContext, type SeriesState, statOf } from './series.ts';

export interface Rejudged {
  /** The detector after the last bucket, without resets. */
  detector: DetectorState;
  /** As it stands before the first bucket of each UTC day, by its start in ms. */
  mornings: Record<string, DetectorState>;
  /** Highest share of the threshold that the evidence reached, and in which direction; null without values. */
  highest: { share: number; direction: 'up' | 'down' } | null;
}

/**
 * Goes through buckets again that were taken before some of their values had come, from the detector as it stood before the
 * first of them, with the baseline that holds now. Null while the series has none.
 */
export function rejudge(
  state: SeriesState,
  before: DetectorState,
  buckets: readonly StoredBucket[],
  { metric, thresholdAt }: Pick<SeriesContext, 'metric'> & { thresholdAt: (startMs: number) => number },
): Rejudged | null {
  const { baseline, latencyCutBin } = state;
  if (baseline === null) return null;
  let detector = before;
  const mornings: Rejudged['mornings'] = {};
  let highest: Rejudged['highest'] = null;
  for (const bucket of buckets) {
    mornings[Math.floor(bucket.startMs / dayMs) * dayMs] ??= detector;
    const stat = statOf(bucket, latencyCutBin, metric);
    const observation = stat && observe(baseline, stat);
    if (!observation) continue;
    const { minShift } = metric;
    const judged = step(detector, observation, {
      minShift,
      threshold: Number.POSITIVE_INFINITY,
      excess: baseline.excess,
    });
    detector = judged.state;
    const share = (judged.logEvidence ?? 0) / thresholdAt(bucket.startMs);
    if (judged.winner && share > (highest?.share ?? 0)) {
      highest = { share, direction: judged.winner.shift > 0 ? 'up' : 'down' };
    }
  }
  return { detector, mornings, highest };
}
