export interface ExponentialBuckets {
  offset: number;
  counts: bigint[];
}

/** Beyond this a histogram is either broken or hostile; the convention's default is 160. */
const maxBuckets = 1024;

/** Where the zero bucket of a histogram with negative values begins; any value below is a measurement of its own. */
const nearlyZero = 1e-300;

/**
 * The base-2 exponential buckets of OTLP as explicit ones: bucket i of `positive` covers (base^(offset+i), base^(offset+i+1)]
 * with base = 2^(2^-scale), `negative` mirrors it, and the zero bucket reaches no further than zeroThreshold, with an
 * empty one between it and the others. counts has one more entry than bounds; both are empty when the boundaries do not
 * fit a double.
 */
export function explicitBuckets(
  scale: number,
  zero: { count: bigint; threshold: number },
  positive: ExponentialBuckets,
  negative: ExponentialBuckets,
): { bounds: number[]; counts: bigint[] } {
  if (positive.counts.length + negative.counts.length > maxBuckets) return { bounds: [], counts: [] };
  const edge = (index: number) => 2 ** (index * 2 ** -scale);
  const up = positive.counts.map((_, i) => edge(positive.offset + i + 1));
  const down = negative.counts.map((_, i) => -edge(negative.offset + i)).reverse();
  const bounds = [...edgesBelow(negative, edge), ...down];
  const counts = negative.counts.length > 0 ? [0n, ...[...negative.counts].reverse()] : [];
  addZero(zero, negative.counts.length > 0, bounds, counts);
  if (positive.counts.length > 0) {
    // A threshold may lie on the lowest boundary, and then nothing is between.
    if (bounds.at(-1) === edge(positive.offset)) counts.pop();
    else bounds.push(edge(positive.offset));
    bounds.push(...up);
    counts.push(...positive.counts, 0n);
  }
  const usable = bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]!));
  return usable ? { bounds, counts } : { bounds: [], counts: [] };
}

/** The zero bucket, and the empty one that begins above it. */
function addZero(
  { count, threshold }: { count: bigint; threshold: number },
  hasNegative: boolean,
  bounds: number[],
  counts: bigint[],
): void {
  if (hasNegative) {
    const from = -Math.max(threshold, nearlyZero);
    if (bounds.at(-1) !== from) {
      bounds.push(from);
      counts.push(0n);
    }
  }
  bounds.push(threshold);
  counts.push(count, 0n);
}

function edgesBelow(buckets: ExponentialBuckets, edge: (index: number) => number): number[] {
  return buckets.counts.length > 0 ? [-edge(buckets.offset + buckets.counts.length)] : [];
}
