import type { AlertDetail } from '#contract/alert.ts';

/** Index of the first point that may still change; the number of points when all are complete. */
export function provisionalAt(
  series: AlertDetail['series'],
  completeUntil: AlertDetail['complete_until'],
): number {
  if (completeUntil === null) return series.length;
  const times = series.map(({ time }) => Date.parse(time));
  const untilMs = Date.parse(completeUntil);
  const stepMs = Math.min(...times.slice(1).map((ms, at) => ms - times[at]!));
  const first = times.findIndex(ms => ms + (Number.isFinite(stepMs) ? stepMs : 0) > untilMs);
  return first < 0 ? series.length : first;
}
