import type { BucketStat } from './baseline.ts';
import { dayMs, weekSlot } from './season.ts';

/** Buckets with values, in time order, by columns: a fit goes through weeks of them a dozen times. */
export interface BucketColumns {
  size: number;
  startMs: Float64Array;
  n: Float64Array;
  sum: Float64Array;
  /** sum/n. */
  mean: Float64Array;
  /** sumSq − sum²/n: squares around the bucket's own mean. */
  squares: Float64Array;
  /** n/(1 + 0.02 n), what the mean weighs in a fit. */
  weight: Float64Array;
  /** Place in the week, 0..671, and number of the UTC day. */
  slot: Uint16Array;
  day: Int32Array;
  /** Number of the three hours, eight of them a day. */
  stretch: Int32Array;
}

const stretchMs = dayMs / 8;

/** Whether a bucket says anything: empty and non-finite ones do not. */
export function isUsable({ n, sum, sumSq }: Omit<BucketStat, 'startMs'>): boolean {
  return n > 0 && Number.isFinite(n) && Number.isFinite(sum) && Number.isFinite(sumSq);
}

export function emptyColumns(size: number): BucketColumns {
  return {
    size,
    startMs: new Float64Array(size),
    n: new Float64Array(size),
    sum: new Float64Array(size),
    mean: new Float64Array(size),
    squares: new Float64Array(size),
    weight: new Float64Array(size),
    slot: new Uint16Array(size),
    day: new Int32Array(size),
    stretch: new Int32Array(size),
  };
}

/** The usable ones of `buckets`. */
export function columnsOf(buckets: readonly BucketStat[]): BucketColumns {
  const columns = emptyColumns(buckets.length);
  let at = 0;
  for (const bucket of buckets) if (isUsable(bucket)) setBucket(columns, at++, bucket);
  return sliceOf(columns, 0, at);
}

export function setBucket(columns: BucketColumns, at: number, { startMs, n, sum, sumSq }: BucketStat): void {
  columns.startMs[at] = startMs;
  columns.slot[at] = weekSlot(startMs);
  columns.day[at] = Math.floor(startMs / dayMs);
  columns.stretch[at] = Math.floor(startMs / stretchMs);
  columns.n[at] = n;
  columns.weight[at] = n / (1 + 0.02 * n);
  setSums(columns, at, sum, sumSq);
}

/** Other values of a bucket that holds as many. */
export function setSums(columns: BucketColumns, at: number, sum: number, sumSq: number): void {
  const n = columns.n[at]!;
  columns.sum[at] = sum;
  columns.mean[at] = sum / n;
  columns.squares[at] = Math.max(0, sumSq - (sum * sum) / n);
}

export function copyBucket(from: BucketColumns, at: number, to: BucketColumns, place: number): void {
  to.startMs[place] = from.startMs[at]!;
  to.slot[place] = from.slot[at]!;
  to.day[place] = from.day[at]!;
  to.stretch[place] = from.stretch[at]!;
  to.n[place] = from.n[at]!;
  to.weight[place] = from.weight[at]!;
  to.sum[place] = from.sum[at]!;
  to.mean[place] = from.mean[at]!;
  to.squares[place] = from.squares[at]!;
}

/** [from, to) of the columns, without a copy. */
export function sliceOf(columns: BucketColumns, from: number, to: number): BucketColumns {
  if (from === 0 && to === columns.size) return columns;
  return {
    size: to - from,
    startMs: columns.startMs.subarray(from, to),
    n: columns.n.subarray(from, to),
    sum: columns.sum.subarray(from, to),
    mean: columns.mean.subarray(from, to),
    squares: columns.squares.subarray(from, to),
    weight: columns.weight.subarray(from, to),
    slot: columns.slot.subarray(from, to),
    day: columns.day.subarray(from, to),
    stretch: columns.stretch.subarray(from, to),
  };
}
