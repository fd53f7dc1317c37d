import { itemsIn } from './described.ts';
import type { Accepted } from './inserter.ts';

/** Two halves of some requests, or of one request's items; null when there is but one item. */
export function halves(taken: readonly Accepted[]): [Accepted[], Accepted[]] | null {
  if (taken.length > 1) {
    const middle = Math.ceil(taken.length / 2);
    return [taken.slice(0, middle), taken.slice(middle)];
  }
  const [one] = taken;
  if (!one || itemsIn(one.batch) < 2) return null;
  const { spans, logs, points } = one.batch;
  const middle = Math.ceil(itemsIn(one.batch) / 2);
  const part = (from: number, to: number): Accepted => ({
    ...one,
    batch: {
      ...one.batch,
      spans: spans.slice(from, to),
      logs: logs.slice(Math.max(0, from - spans.length), Math.max(0, to - spans.length)),
      points: points.slice(
        Math.max(0, from - spans.length - logs.length),
        Math.max(0, to - spans.length - logs.length),
      ),
    },
  });
  return [[part(0, middle)], [part(middle, itemsIn(one.batch))]];
}
