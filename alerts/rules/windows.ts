import type { GroupBucket } from '#store/queries/rule-stats.ts';
import { binMiddle } from '../drift/latency-tail.ts';

/** Sums of the buckets that start in [fromMs, toMs), whatever the length, in the time of two searches. */
export interface Windows {
  between(fromMs: number, toMs: number): { n: number; sum: number };
  /** The q-quantile from bins, at most 2 % off; null without values. Quick while windows move forwards. */
  quantile(q: number, fromMs: number, toMs: number): number | null;
}

/** Latencies from a nanosecond to decades lie within these log bins. */
const lowestBin = -512;
const binCount = 1536;

export function windowsOf(buckets: readonly Pick<GroupBucket, 'startMs' | 'n' | 'sum' | 'bins'>[]): Windows {
  const n = new Float64Array(buckets.length + 1);
  const sum = new Float64Array(buckets.length + 1);
  for (const [index, bucket] of buckets.entries()) {
    n[index + 1] = n[index]! + bucket.n;
    sum[index + 1] = sum[index]! + bucket.sum;
  }
  /** Places and counts of each bucket's bins, read once. */
  const bins = buckets.map(bucket => {
    const places: number[] = [];
    for (const bin of Object.keys(bucket.bins)) {
      const place = Math.min(binCount - 1, Math.max(0, Number(bin) - lowestBin));
      places.push(place, bucket.bins[Number(bin)]!);
    }
    return places;
  });
  const counts = new Float64Array(binCount);
  // What there is lies close together: only these places are looked at.
  const [lowest, highest] = placesUsed(bins);
  let total = 0;
  let low = 0;
  let high = 0;

  /** Adds the bins of buckets [from, to) to the counts, or takes them off. */
  function count(from: number, to: number, sign: 1 | -1): void {
    for (let index = from; index < to; index += 1) {
      const own = bins[index]!;
      for (let at = 0; at < own.length; at += 2) {
        counts[own[at]!]! += sign * own[at + 1]!;
        total += sign * own[at + 1]!;
      }
    }
  }

  return {
    between(fromMs, toMs) {
      const from = firstAtOrAfter(buckets, fromMs);
      const to = firstAtOrAfter(buckets, toMs);
      return { n: n[to]! - n[from]!, sum: sum[to]! - sum[from]! };
    },
    quantile(q, fromMs, toMs) {
      const from = firstAtOrAfter(buckets, fromMs);
      const to = firstAtOrAfter(buckets, toMs);
      if (from < low || to < high || from >= high) {
        counts.fill(0);
        total = 0;
        count(from, to, 1);
      } else {
        count(high, to, 1);
        count(low, from, -1);
      }
      low = from;
      high = to;
      if (total <= 0) return null;
      // Counts are whole numbers, so the sums that go up and down stay exact.
      const wanted = q * total - 1e-9 * total;
      let seen = 0;
      for (let at = lowest; at <= highest; at += 1) {
        seen += counts[at]!;
        if (seen >= wanted) return binMiddle(at + lowestBin);
      }
      return null;
    },
  };
}

/** Lowest and highest place that any bucket has something in. */
function placesUsed(bins: readonly (readonly number[])[]): [lowest: number, highest: number] {
  let lowest = binCount - 1;
  let highest = 0;
  for (const own of bins) {
    for (let at = 0; at < own.length; at += 2) {
      lowest = Math.min(lowest, own[at]!);
      highest = Math.max(highest, own[at]!);
    }
  }
  return [lowest, highest];
}

function firstAtOrAfter(buckets: readonly { startMs: number }[], startMs: number): number {
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (buckets[middle]!.startMs < startMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
