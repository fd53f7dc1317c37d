import { engineClock, hoursSince, storedSince } from '#store/queries/spend-changes.ts';
import type { Hour } from '#store/spend-roll-up.ts';
import type { LedgerDeps } from '../deps.ts';

/** An insert is stamped when it begins and may be seen this much later. */
const overlapUs = 90_000_000n;

/** Finds what was stored since the last look; inserts that it has seen are not found again. */
export function createDetector({ clickhouse, projectId }: Pick<LedgerDeps, 'clickhouse' | 'projectId'>) {
  let seen = new Set<string>();

  /** Hours that changed since `storedUpTo`, and the engine's clock before it looked. */
  return async function detect(storedUpTo: string): Promise<{ hours: Hour[]; engineNow: string }> {
    const engineNow = await engineClock(clickhouse);
    const since = BigInt(storedUpTo) > overlapUs ? (BigInt(storedUpTo) - overlapUs).toString() : '0';
    const marks = since === '0' ? null : await storedSince(clickhouse, { projectId, since });
    if (marks === null) {
      // The next look overlaps with this one. These are read before the hours, which then hold them as well.
      const recently = (BigInt(engineNow) - overlapUs).toString();
      const recent = await storedSince(clickhouse, { projectId, since: recently });
      seen = new Set(recent?.map(({ mark }) => mark));
      return { hours: await hoursSince(clickhouse, { projectId, since }), engineNow };
    }
    const hours = new Set(marks.filter(({ mark }) => !seen.has(mark)).map(({ hour }) => hour));
    seen = new Set(marks.map(({ mark }) => mark));
    return { hours: [...hours], engineNow };
  };
}
