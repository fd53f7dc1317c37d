import type { DetectorState } from './drift/detector.ts';
import type { TimeRange } from './drift/history.ts';
import type { StoredBucket } from './drift/metrics.ts';
import { dayMs } from './drift/season.ts';
import { initialSeries, type SeriesState } from './drift/series.ts';

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
  /** Values taken per UTC day (start in ms), of the last days: more of them later means data came late. */
  taken: Record<string, number>;
  /** Values that arrived after their bucket had been evaluated. */
  lateValues: number;
  /** The level last accepted as normal; none for a series that never had one. */
  acceptance?: { id: string; fromMs: number };
  /** The detector at the start of the days remembered, to judge again what late values changed. */
  mornings?: Record<string, DetectorState>;
  /** First day that late values have changed since the last evaluation. */
  lateFromMs?: number;
}

const daysRemembered = 3;

export const freshMemory = (): SeriesMemory => ({
  version: 1,
  detector: initialSeries(),
  scoreSize: 1,
  incidentId: null,
  excluded: [],
  taken: {},
  lateValues: 0,
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

const dayOf = (startMs: number) => Math.floor(startMs / dayMs) * dayMs;

/** Start of the oldest bucket that `noteLate` looks at. */
export const oldestRemembered = (lastStartMs: number): number =>
  dayOf(lastStartMs) - (daysRemembered - 1) * dayMs;

/** Notes that `n` values of the day that starts at `startMs` were taken, beside those that are known. */
export function noteTaken(memory: SeriesMemory, startMs: number, n: number): void {
  const day = String(startMs);
  const known = memory.taken[day];
  memory.taken[day] = (known ?? 0) + n;
  if (known !== undefined) return;
  for (const old of Object.keys(memory.taken)) {
    if (Number(old) < oldestRemembered(startMs)) delete memory.taken[old];
  }
}

/**
 * Values that reached buckets of the last days after those had been evaluated. They are counted, once, and the first of their
 * days is judged again (late-data.ts).
 */
export function noteLate(memory: SeriesMemory, buckets: readonly StoredBucket[]): number {
  const last = memory.detector.lastStartMs;
  if (last === null) return 0;
  const now: Record<string, number> = {};
  for (const { startMs, n } of buckets) {
    const day = dayOf(startMs);
    if (startMs <= last && day in memory.taken) now[day] = (now[day] ?? 0) + n;
  }
  let late = 0;
  for (const [day, n] of Object.entries(now)) {
    if (n > memory.taken[day]!) memory.lateFromMs = Math.min(memory.lateFromMs ?? Infinity, Number(day));
    late += Math.max(0, n - memory.taken[day]!);
    memory.taken[day] = Math.max(n, memory.taken[day]!);
  }
  memory.lateValues += late;
  return late;
}
