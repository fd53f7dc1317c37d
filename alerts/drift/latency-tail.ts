import type { BucketStat } from './baseline.ts';
import type { LogBins } from './metrics.ts';

const binsPerUnit = 25;

/** Bin of a positive value: 4 % wide, `floor(25 ln x)`. */
export const logBin = (x: number): number => Math.floor(binsPerUnit * Math.log(x));

/** Geometric middle of a bin: at most 2 % from any value in it. */
export const binMiddle = (bin: number): number => Math.exp((bin + 0.5) / binsPerUnit);

/** Bins from here on have a place in an array: values from a nanosecond to decades, in ms. */
const lowestPlace = -512;
const placeCount = 1536;

/** Sum of any number of histograms. */
export function mergeBins(histograms: Iterable<LogBins>): Map<number, number> {
  // A fit merges weeks of buckets: an array is several times quicker than a map.
  const counts = new Float64Array(placeCount);
  const merged = new Map<number, number>();
  for (const bins of histograms) {
    for (const [bin, count] of bins) {
      const place = bin - lowestPlace;
      if (place >= 0 && place < placeCount) counts[place]! += count;
      else merged.set(bin, (merged.get(bin) ?? 0) + count);
    }
  }
  counts.forEach((count, place) => {
    if (count !== 0) merged.set(place + lowestPlace, count);
  });
  return merged;
}

/** The bin that holds the q-quantile (smallest with at most 1 − q of the values above it); null for no values. */
export function quantileBin(bins: LogBins, q: number): number | null {
  const ascending = [...bins].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = ascending.reduce((sum, [, count]) => sum + count, 0);
  let above = total;
  for (const [bin, count] of ascending) {
    above -= count;
    if (above <= (1 - q) * total + 1e-9 * total) return bin;
  }
  return null;
}

/** The fixed cut of the latency tail: the bin of the baseline's p95. */
export const latencyCut = (baseline: LogBins): number | null => quantileBin(baseline, 0.95);

/** Latency histogram of a bucket as a 0/1 statistic: 1 for each value in a bin above the cut. */
export function exceedance(startMs: number, bins: LogBins, cut: number): BucketStat {
  let n = 0;
  let above = 0;
  for (const [bin, count] of bins) {
    n += count;
    if (bin > cut) above += count;
  }
  return { startMs, n, sum: above, sumSq: above };
}
