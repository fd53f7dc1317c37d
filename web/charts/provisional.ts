import type { ChartSeries, TimeScale } from './chart-series.ts';

/** Start of the first bucket that ends after everything is known; null when all of the shown time is complete. */
export function provisionalFrom(scale: TimeScale, completeUntil: string | null): number | null {
  if (completeUntil === null) return null;
  const untilMs = Date.parse(completeUntil);
  if (Number.isNaN(untilMs) || untilMs >= scale.toMs) return null;
  const buckets = Math.max(0, Math.floor((untilMs - scale.fromMs) / scale.stepMs));
  return scale.fromMs + buckets * scale.stepMs;
}

/** The earlier of both; null when neither is known. */
export function earlierOf(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/**
 * Lines in two: what is complete, and from its last point on what may still change, to be drawn lighter. What is compared lies further back
 * and is whole.
 */
export function withProvisional(series: readonly ChartSeries[], fromMs: number | null): ChartSeries[] {
  if (fromMs === null) return [...series];
  return series.flatMap(one => {
    if (one.kind !== 'line' || one.compare || !one.points.some(([ms]) => ms >= fromMs)) return [one];
    const last = one.points.findLast(([ms]) => ms < fromMs)?.[0] ?? fromMs;
    const tail = one.points.filter(([ms]) => ms >= last);
    const whole = one.points.filter(([ms]) => ms < fromMs);
    return [
      { ...one, points: whole },
      { ...one, points: tail, provisional: true },
    ];
  });
}
