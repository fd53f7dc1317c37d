import type { BucketStat } from './baseline.ts';
import type { LogBins } from './metrics.ts';

/** A quantile lies among values whose bins are not told apart (`lumpedUpTo`): read them all, and ask again. */
export class TooCoarseError extends Error {
  override name = 'TooCoarseError';
  constructor() {
    super('a quantile lies below the bins that are told apart');
  }
}

const binsPerUnit = 25;

/** Bin of a positive value: 4 % wide, `floor(25 ln x)`. */
export const logBin = (x: number): number => Math.floor(binsPerUnit * Math.log(x));

/** Geometric middle of a bin: at most 2 % from any value in it. */
export const binMiddle = (bin: number): number => Math.exp((bin + 0.5) / binsPerUnit);

/** Bins from here on have a place in an array: values from a nanosecond to decades, in ms. */
const lowestPlace = -512;
const placeCount = 1536;

/** Sum of any number of histograms, by bin. */
export function mergeBins(histograms: Iterable<LogBins>): Map<number, number> {
  const merged = createBinSums();
  for (const bins of histograms) merged.add(bins);
  return merged.counts();
}

/** The same of histograms that are maps of counts by bin. */
export function mergeCounts(histograms: Iterable<ReadonlyMap<number, number>>): Map<number, number> {
  const merged = createBinSums();
  for (const counts of histograms) merged.addCounts(counts);
  return merged.counts();
}

/** A running sum of histograms: whole numbers, so that what was added and taken away again leaves no trace. */
export function createBinSums() {
  // A fit merges weeks of buckets: an array is several times quicker than a map.
  const places = new Float64Array(placeCount);
  const elsewhere = new Map<number, number>();
  const addOne = (bin: number, count: number) => {
    const place = bin - lowestPlace;
    if (place >= 0 && place < placeCount) places[place]! += count;
    else elsewhere.set(bin, (elsewhere.get(bin) ?? 0) + count);
  };
  return {
    add({ bins, counts, from = 0, to = bins.length }: LogBins, sign: 1 | -1 = 1): void {
      for (let at = from; at < to; at++) addOne(bins[at]!, sign * counts[at]!);
    },
    addCounts(counts: ReadonlyMap<number, number>): void {
      for (const [bin, count] of counts) addOne(bin, count);
    },
    /** As `latencyCut` of all that was added. */
    cut(): number | null {
      if (elsewhere.size > 0) return latencyCut(this.counts());
      let total = 0;
      for (let place = 0; place < placeCount; place++) total += places[place]!;
      let above = total;
      for (let place = 0; place < placeCount; place++) {
        if (places[place] === 0) continue;
        above -= places[place]!;
        if (isTail(above, total, tailQuantile)) return place + lowestPlace;
      }
      return null;
    },
    /** Counts other than 0 by bin. */
    counts(): Map<number, number> {
      const merged = new Map([...elsewhere].filter(([, count]) => count !== 0));
      for (let place = 0; place < placeCount; place++) {
        if (places[place] !== 0) merged.set(place + lowestPlace, places[place]!);
      }
      return merged;
    },
  };
}

/** The bin that holds the q-quantile (smallest with at most 1 − q of the values above it); null for no values. */
export function quantileBin(bins: ReadonlyMap<number, number>, q: number): number | null {
  const ascending = [...bins].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = ascending.reduce((sum, [, count]) => sum + count, 0);
  let above = total;
  for (const [bin, count] of ascending) {
    above -= count;
    if (isTail(above, total, q)) return bin;
  }
  return null;
}

const isTail = (above: number, total: number, q: number): boolean => above <= (1 - q) * total + 1e-9 * total;
const tailQuantile = 0.95;

/** The fixed cut of the latency tail: the bin of the baseline's p95. */
export const latencyCut = (baseline: ReadonlyMap<number, number>): number | null =>
  quantileBin(baseline, tailQuantile);

/** Values in bins above the cut. */
export function countAbove({ bins, counts, from = 0, to = bins.length }: LogBins, cut: number): number {
  let above = 0;
  for (let at = from; at < to; at++) if (bins[at]! > cut) above += counts[at]!;
  return above;
}

/** All values. */
export function countAll({ counts, from = 0, to = counts.length }: LogBins): number {
  let n = 0;
  for (let at = from; at < to; at++) n += counts[at]!;
  return n;
}

/** Latency histogram of a bucket as a 0/1 statistic: 1 for each value in a bin above the cut. */
export function exceedance(startMs: number, histogram: LogBins, cut: number): BucketStat {
  const above = countAbove(histogram, cut);
  return { startMs, n: countAll(histogram), sum: above, sumSq: above };
}
