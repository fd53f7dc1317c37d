import type { Baseline } from './drift/baseline.ts';
import { chanceOfNoise } from './drift/detector.ts';
import { binMiddle, mergeBins, quantileBin, TooCoarseError } from './drift/latency-tail.ts';
import { judge, type StoredBucket } from './drift/metrics.ts';
import { estimateShift, type OpenShift } from './drift/open-shift.ts';
import type { SeriesState } from './drift/series.ts';
import type { Finding, Series } from './finding.ts';
import type { WatchedMetric } from './watched-metric.ts';

/** "Since the change" reaches this far back at most. */
export const longestWindowMs = 28 * 86_400_000;

/** A finding as it stands at its alarm: the numbers are those of the open shift, see `sizeOf`. */
export function findingOf(at: {
  series: Series;
  metric: WatchedMetric;
  scoreSize: number;
  state: SeriesState;
  open: OpenShift;
  logEvidence: number;
  threshold: number;
  buckets: readonly StoredBucket[];
}): Finding {
  const { series, metric, scoreSize, state, open, logEvidence, threshold } = at;
  const baseline = state.baseline!;
  return {
    ...series,
    metric: metric.name,
    direction: open.direction,
    verdict: judge(metric.drift, open.direction),
    changedAtMs: open.changeStartMs,
    ...(open.dating && { dating: open.dating }),
    openedAtMs: open.openedAtMs,
    closedAtMs: null,
    logEvidence,
    chanceOfNoise: chanceOfNoise(logEvidence),
    threshold,
    ...sizeOf(open, baseline),
    p95: tailOf(state, open, at.buckets),
    latencyCutBin: state.latencyCutBin,
    scoreSize,
    baseline,
  };
}

/** How large an open shift is, in the metric's scale. */
export function sizeOf(
  open: OpenShift,
  baseline: Baseline,
): Pick<Finding, 'before' | 'after' | 'low' | 'high' | 'requests'> {
  // An open shift holds at least the bucket that alarmed, so there is always an estimate.
  const { before, after, low, high, requests } = estimateShift(open.sums, baseline)!;
  return { before, after, low, high, requests };
}

/** p95 before and since the change, from `buckets` (in time order); null for metrics without a tail. */
export function tailOf(
  { latencyCutBin }: SeriesState,
  { changeStartMs, lastValueMs }: OpenShift,
  buckets: readonly StoredBucket[],
): Finding['p95'] {
  if (latencyCutBin === null) return null;
  const fromMs = Math.max(changeStartMs, lastValueMs - longestWindowMs);
  const since = buckets.filter(({ startMs }) => startMs >= fromMs && startMs <= lastValueMs);
  const histograms = since.flatMap(({ bins }) => bins ?? []);
  const bin = quantileBin(mergeBins(histograms), 0.95);
  if (bin !== null && histograms.some(({ lumpedUpTo }) => lumpedUpTo !== undefined && bin <= lumpedUpTo)) {
    throw new TooCoarseError();
  }
  return bin === null ? null : { beforeMs: binMiddle(latencyCutBin), afterMs: binMiddle(bin) };
}
