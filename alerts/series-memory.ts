import type { StoredBucket } from './drift/metrics.ts';
import { initialSeries, type SeriesState, type TimeRange } from './drift/series.ts';

/** What is kept of one series × metric between checks. Plain JSON. */
export interface SeriesMemory {
  version: 1;
  detector: SeriesState;
  /** Magnitude of a score's values, 1 for scores within [-1, 1]; settled with the first baseline. */
  scoreSize: number;
  /** The incident its open finding belongs to. */
  incidentId: string | null;
  /** Times of findings that have closed: not normal, so not part of a reference. */
  excluded: TimeRange[];
}

export const freshMemory = (): SeriesMemory => ({
  version: 1,
  detector: initialSeries(),
  scoreSize: 1,
  incidentId: null,
  excluded: [],
});

/** The memory as stored; a state of another version is forgotten, and the series learns again from its history. */
export function parseMemory(text: string): SeriesMemory {
  const memory = JSON.parse(text) as SeriesMemory;
  return memory.version === 1 && memory.detector.version === 1 ? memory : freshMemory();
}

/** Mean size of a score's values; 1 while they stay within [-1, 1], where the smallest shift worth a page is meant for. */
export function sizeOfScores(buckets: readonly StoredBucket[]): number {
  let n = 0;
  let sum = 0;
  for (const bucket of buckets) {
    n += bucket.n;
    sum += bucket.sum;
  }
  return n > 0 ? Math.max(1, Math.abs(sum / n)) : 1;
}
