import {
  type BucketColumns,
  columnsOf,
  copyBucket,
  emptyColumns,
  isUsable,
  setBucket,
  setSums,
  sliceOf,
} from './bucket-columns.ts';
import { countAll, createBinSums, TooCoarseError } from './latency-tail.ts';
import type { DriftMetric, LogBins, StoredBucket } from './metrics.ts';
import { weekdayOfSlot } from './season.ts';
import { allWeekdays, noWeekdaySums, type WeekdaySums } from './season-fit.ts';

/** [fromMs, toMs) in Unix milliseconds. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** What a baseline is fitted to; good until the history is asked for the next. */
export interface Reference {
  columns: BucketColumns;
  /** Bin of the p95 of a tail metric whose buckets have bins; else null. */
  latencyCutBin: number | null;
  /** What the fit to the reference before has left. */
  weekdays: WeekdaySums;
}

/** The stored buckets of one series × metric. */
export interface SeriesHistory {
  /** Buckets that start in [fromMs, toMs), in time order. */
  between(fromMs: number, toMs: number): readonly StoredBucket[];
  /** What has values in the range, without the times that are left out. */
  reference(range: TimeRange, leftOut: readonly TimeRange[]): Reference;
}

/**
 * The history made of `buckets`, in time order. The fits of one day and the next share 27 of 28 days, so what they need of a bucket
 * is worked out once, the histogram of a tail's reference changes by the days that come and go (those are whole numbers), and weekdays of
 * which no day has come or gone keep their sums. All others are made by each fit anew: the same reference has the same bits, whatever was
 * asked for before.
 */
export function historyOf(
  buckets: readonly StoredBucket[],
  { statistic }: Pick<DriftMetric, 'statistic'>,
): SeriesHistory {
  const indexAt = (startMs: number) => firstAtOrAfter(buckets.length, at => buckets[at]!.startMs, startMs);
  let references: SeriesHistory['reference'] | null = null;
  return {
    between: (fromMs, toMs) => buckets.slice(indexAt(fromMs), indexAt(toMs)),
    reference(range, leftOut) {
      references ??= statistic === 'tail' ? tailReferences(buckets) : meanReferences(buckets);
      return references(range, leftOut);
    },
  };
}

function meanReferences(buckets: readonly StoredBucket[]): SeriesHistory['reference'] {
  const columns = columnsOf(buckets);
  const weekdays = keptWeekdays(columns);
  return (range, leftOut) => {
    weekdays.moveTo(range, leftOut);
    return { columns: chosen(columns, range, leftOut), latencyCutBin: null, weekdays: weekdays.sums };
  };
}

/** Marks the weekdays in which a reference differs from the one before. */
function keptWeekdays(columns: BucketColumns) {
  const sums = noWeekdaySums();
  let before = { from: 0, to: 0 };
  let wasLeftOut = false;
  const mark = (from: number, to: number) => {
    for (let at = from; at < to; at++) sums.stale |= 1 << weekdayOfSlot(columns.slot[at]!);
  };
  return {
    sums,
    mark: (at: number) => mark(at, at + 1),
    moveTo(range: TimeRange, leftOut: readonly TimeRange[]): void {
      const { from, to } = placesOf(columns, range);
      const isLeftOut = overlapping(leftOut, range).length > 0;
      if (isLeftOut || wasLeftOut) sums.stale = allWeekdays;
      else {
        mark(Math.min(from, before.from), Math.max(from, before.from));
        mark(Math.min(to, before.to), Math.max(to, before.to));
      }
      before = { from, to };
      wasLeftOut = isLeftOut;
    },
  };
}

const noCut = -32_768;

/**
 * Buckets with bins count what lies above the p95 of the reference that is asked for; those without are shares already. The bins of
 * all buckets lie one behind the other, since each day some thousands are gone through.
 */
function tailReferences(buckets: readonly StoredBucket[]): SeriesHistory['reference'] {
  const { columns, bins, counts, ends, lumpedUpTo } = tailColumns(buckets);
  const isMerged = new Uint8Array(columns.size);
  const cutOf = new Int16Array(columns.size).fill(noCut);
  const merged = createBinSums();
  const weekdays = keptWeekdays(columns);
  let before = { from: 0, to: 0 };

  function merge(range: TimeRange, leftOut: readonly TimeRange[]): number | null {
    const { from, to } = placesOf(columns, range);
    const within = overlapping(leftOut, range);
    let lumped = noCut;
    for (let at = Math.min(from, before.from); at < Math.max(to, before.to); at++) {
      if (ends[at] === ends[at + 1]) continue;
      const isLeftOut = within.length > 0 && isIn(within, columns.startMs[at]!);
      const wanted = at >= from && at < to && !isLeftOut ? 1 : 0;
      if (wanted === 1 && lumpedUpTo[at]! > lumped) lumped = lumpedUpTo[at]!;
      if (wanted === isMerged[at]) continue;
      merged.add({ bins, counts, from: ends[at]!, to: ends[at + 1]! }, wanted === 1 ? 1 : -1);
      isMerged[at] = wanted;
    }
    before = { from, to };
    const cut = merged.cut();
    if (cut !== null && cut <= lumped) throw new TooCoarseError();
    return cut;
  }

  function cutAt(cut: number): void {
    for (let at = before.from; at < before.to; at++) {
      if (isMerged[at] === 0 || cutOf[at] === cut) continue;
      let above = 0;
      for (let i = ends[at]!; i < ends[at + 1]!; i++) if (bins[i]! > cut) above += counts[i]!;
      setSums(columns, at, above, above);
      cutOf[at] = cut;
      weekdays.mark(at);
    }
  }

  return (range, leftOut) => {
    weekdays.moveTo(range, leftOut);
    const latencyCutBin = merge(range, leftOut);
    if (latencyCutBin !== null) cutAt(latencyCutBin);
    return { columns: chosen(columns, range, leftOut), latencyCutBin, weekdays: weekdays.sums };
  };
}

/** The usable buckets; the bins of the one at `at` are those from `ends[at]` to `ends[at + 1]`. */
function tailColumns(buckets: readonly StoredBucket[]) {
  const places = buckets.reduce((sum, { bins }) => sum + (bins ? sizeOf(bins) : 0), 0);
  const columns = emptyColumns(buckets.length);
  const [bins, counts] = [new Int16Array(places), new Float64Array(places)];
  const ends = new Uint32Array(buckets.length + 1);
  const lumpedUpTo = new Int16Array(buckets.length).fill(noCut);
  let size = 0;
  let end = 0;
  for (const bucket of buckets) {
    const { bins: own } = bucket;
    const stat = own ? { startMs: bucket.startMs, n: countAll(own), sum: 0, sumSq: 0 } : bucket;
    if (!isUsable(stat)) continue;
    setBucket(columns, size, stat);
    if (own) {
      const from = own.from ?? 0;
      for (let at = from; at < from + sizeOf(own); at++) {
        bins[end] = own.bins[at]!;
        counts[end++] = own.counts[at]!;
      }
      lumpedUpTo[size] = own.lumpedUpTo ?? noCut;
    }
    ends[++size] = end;
  }
  return { columns: sliceOf(columns, 0, size), bins, counts, ends, lumpedUpTo };
}

const sizeOf = ({ bins, from = 0, to = bins.length }: LogBins): number => to - from;

function chosen(columns: BucketColumns, range: TimeRange, leftOut: readonly TimeRange[]): BucketColumns {
  const { from, to } = placesOf(columns, range);
  const within = overlapping(leftOut, range);
  if (within.length === 0) return sliceOf(columns, from, to);
  const kept = emptyColumns(to - from);
  let size = 0;
  for (let at = from; at < to; at++) {
    if (isIn(within, columns.startMs[at]!)) continue;
    copyBucket(columns, at, kept, size);
    size += 1;
  }
  return sliceOf(kept, 0, size);
}

const overlapping = (ranges: readonly TimeRange[], range: TimeRange): readonly TimeRange[] =>
  ranges.filter(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs);

const isIn = (ranges: readonly TimeRange[], ms: number): boolean =>
  ranges.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);

function placesOf({ size, startMs }: BucketColumns, { fromMs, toMs }: TimeRange) {
  const place = (ms: number) => firstAtOrAfter(size, at => startMs[at]!, ms);
  const from = place(fromMs);
  return { from, to: Math.max(from, place(toMs)) };
}

/** Place of the first of `size` ascending times that is not before `ms`; `size` when all are. */
export function firstAtOrAfter(size: number, timeAt: (at: number) => number, ms: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeAt(middle) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
