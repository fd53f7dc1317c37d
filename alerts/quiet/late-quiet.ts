import { dayMs } from '../drift/season.ts';
import type { QuietBase, QuietFound, QuietMemory } from './evaluate.ts';
import type { QuietBucket } from './quiet-series.ts';

/** Values are judged again when they change within so many days after they were taken. */
export const rememberedDays = 3;

/** A bucket as it was taken. */
export type TakenBucket = [startMs: number, n: number, sum: number];

const dayOf = (ms: number) => Math.floor(ms / dayMs) * dayMs;

/** Keeps how a series stood before the first bucket of a day, and what it was given since: what late values are held against. */
export function noteTaken(memory: QuietMemory, { startMs, n, sum }: QuietBucket, before: QuietBase): void {
  const day = dayOf(startMs);
  const oldest = day - rememberedDays * dayMs;
  const mornings: Record<string, QuietBase> = { [day]: before, ...memory.mornings };
  memory.mornings = Object.fromEntries(Object.entries(mornings).filter(([at]) => Number(at) >= oldest));
  memory.taken = [...(memory.taken ?? []).filter(([at]) => at >= oldest), [startMs, n, sum]];
}

/**
 * The series as it stood on the morning of the first day whose values have changed since they were taken, or have come since; null
 * when nothing has, or when a finding has ended since then: what is over stays as it was said.
 */
export function beforeLate(memory: QuietMemory, buckets: readonly QuietBucket[]): QuietMemory | null {
  const { taken = [], mornings = {}, detector } = memory;
  const [first] = taken;
  if (!first) return null;
  const known = new Map(taken.map(([startMs, n, sum]) => [startMs, { n, sum }]));
  const changed = buckets.find(({ startMs, n, sum }) => {
    if (startMs < first[0] || startMs > (detector.lastStartMs ?? 0)) return false;
    const was = known.get(startMs);
    return was === undefined || was.n !== n || Math.abs(was.sum - sum) > 1e-9 * Math.max(1, Math.abs(sum));
  });
  if (!changed) return null;
  const day = dayOf(changed.startMs);
  const morning = mornings[day];
  if (!morning || memory.excluded.some(({ toMs }) => toMs > day)) return null;
  return {
    version: 1,
    ...structuredClone(morning),
    mornings: Object.fromEntries(Object.entries(mornings).filter(([at]) => Number(at) < day)),
    taken: taken.filter(([at]) => at < day),
  };
}

/**
 * What becomes of the finding that was open before values were judged again: it goes on under its name when something alike was
 * found, also some hours earlier or later; else it is retracted. Changes `memory` and `findings` in place.
 */
export function settleLate(
  was: QuietFound | null,
  memory: QuietMemory,
  findings: Map<string, QuietFound>,
  atMs: number,
): void {
  if (!was || findings.has(was.id)) return;
  const alike = [...findings.values()].find(
    ({ direction, openedAtMs }) =>
      direction === was.direction && Math.abs(openedAtMs - was.openedAtMs) <= rememberedDays * dayMs,
  );
  if (!alike) {
    findings.set(was.id, { ...was, closedAtMs: atMs, retracted: true });
    return;
  }
  findings.delete(alike.id);
  const { id, openedAtMs } = was;
  findings.set(id, { ...alike, id, openedAtMs });
  if (memory.finding?.id === alike.id) Object.assign(memory.finding, { id, openedAtMs });
}
