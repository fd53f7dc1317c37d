import type { StoredBucket } from './drift/metrics.ts';
import { rejudge } from './drift/rejudge.ts';
import { dayMs } from './drift/season.ts';
import { oldestRemembered, type SeriesMemory } from './series-memory.ts';
import type { WatchedMetric } from './watched-metric.ts';

/** Keeps the detector as it stands before the first bucket of a day, for the days that late values may still change. */
export function noteMorning(memory: SeriesMemory, startMs: number): void {
  const day = Math.floor(startMs / dayMs) * dayMs;
  memory.mornings ??= {};
  if (memory.mornings[day] !== undefined) return;
  memory.mornings[day] = memory.detector.detector;
  for (const known of Object.keys(memory.mornings)) {
    if (Number(known) < oldestRemembered(startMs)) delete memory.mornings[known];
  }
}

/**
 * Judges again what values have changed that came after their bucket had been evaluated. The evidence is what it would have
 * been; true when an open finding has lost its ground: then it is to be retracted, and the series goes on as if it had never been.
 * What opened before the days remembered stands.
 */
export function judgeLate(
  memory: SeriesMemory,
  buckets: readonly StoredBucket[],
  given: { metric: WatchedMetric; thresholdAt: (startMs: number) => number },
): boolean {
  const fromMs = memory.lateFromMs;
  delete memory.lateFromMs;
  const { detector: state, mornings = {} } = memory;
  const morning = fromMs === undefined ? undefined : mornings[fromMs];
  if (morning === undefined || state.lastStartMs === null) return false;
  const isOpen = state.open !== null;
  if (isOpen ? state.open!.openedAtMs <= fromMs! : memory.excluded.some(({ toMs }) => toMs > fromMs!)) {
    return false;
  }
  const again = buckets.filter(({ startMs }) => startMs >= fromMs! && startMs <= state.lastStartMs!);
  const { thresholdAt } = given;
  const judged = rejudge(state, morning, again, { metric: given.metric.drift, thresholdAt });
  if (judged === null) return false;
  const { highest } = judged;
  if (isOpen && highest !== null && highest.share >= 1 && highest.direction === state.open!.direction) {
    return false;
  }
  memory.mornings = { ...mornings, ...judged.mornings };
  if (!isOpen) {
    memory.detector = { ...state, detector: judged.detector };
    return false;
  }
  memory.detector = { ...state, detector: judged.detector, open: null };
  return true;
}
