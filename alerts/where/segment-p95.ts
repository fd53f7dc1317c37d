import type { SegmentLatencies } from '#store/queries/segment-latencies.ts';
import { binMiddle, quantileBin } from '../drift/latency-tail.ts';

/** p95 of a segment's calls before and since, in ms, at most 2 % off; null on a side without calls. */
export interface SegmentP95 {
  beforeMs: number | null;
  afterMs: number | null;
}

export function p95Of({ before, after }: SegmentLatencies): SegmentP95 {
  const read = (bins: SegmentLatencies['before']) => {
    const bin = quantileBin(new Map(bins), 0.95);
    return bin === null ? null : binMiddle(bin);
  };
  return { beforeMs: read(before), afterMs: read(after) };
}
