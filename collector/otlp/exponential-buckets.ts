export interface ExponentialBuckets {
  offset: number;
  counts: bigint[];
}

/** Beyond this a histogram is either broken or hostile; the convention's default is 160. */
const maxBuckets = 1024;

/**
 * The base-2 exponential buckets of OTLP as explicit ones: bucket i of `positive` covers (base^(offset+i), base^(offset+i+1)]
 * with base = 2^(2^-scale), `negative` mirrors it. counts has one more entry than bounds; both are empty when the
 * boundaries do not fit a double.
 */
export function explicitBuckets(
  scale: number,
  zeroCount: bigint,
  positive: ExponentialBuckets,
  negative: ExponentialBuckets,
): { bounds: number[]; counts: bigint[] } {
  if (positive.counts.length + negative.counts.length > maxBuckets) return { bounds: [], counts: [] };
  const edge = (index: number) => 2 ** (index * 2 ** -scale);
  const up = positive.counts.map((_, i) => edge(positive.offset + i + 1));
  const down = negative.counts.map((_, i) => -edge(negative.offset + i)).reverse();
  const bounds = [...edgesBelow(negative, edge), ...down];
  const counts = negative.counts.length > 0 ? [0n, ...[...negative.counts].reverse()] : [];
  counts.push(zeroCount);
  if (positive.counts.length > 0) {
    bounds.push(edge(positive.offset), ...up);
    counts.push(...positive.counts, 0n);
  }
  const usable = bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!));
  return usable ? { bounds, counts } : { bounds: [], counts: [] };
}

function edgesBelow(buckets: ExponentialBuckets, edge: (index: number) => number): number[] {
  return buckets.counts.length > 0 ? [-edge(buckets.offset + buckets.counts.length)] : [];
}
