import { lastStoredBefore, readArrival } from '#store/queries/arrival.ts';
import { rollUpChanged } from '#store/rollup.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { jobs } from './commit.ts';
import type { AlertsDeps } from './deps.ts';

export interface RolledUp {
  /** More than the newest buckets changed. */
  historyChanged: boolean;
  /** Old calls were still being stored a moment ago: their buckets are not complete, however old they are. */
  importing: boolean;
}

/** Live traffic with its 90 s of overlap touches a few buckets. */
const newestBuckets = 8;
const importQuietUs = 10_000_000n;
const hourMs = 3_600_000;

/** Recomputes the buckets that changed since the last time. */
export async function rollUp(deps: AlertsDeps): Promise<RolledUp> {
  const { clickhouse, state, projectId, clock } = deps;
  const nowMs = clock.now();
  const since = (await readProgress(state, jobs.rolledUp)) ?? '0';
  // The engine's clock before the roll-up: it stamps the rows, and whatever it has stamped by now gets rolled up.
  const { engineNow } = await readArrival(clickhouse, { projectId, nowMs });
  const { buckets } = await rollUpChanged(clickhouse, { projectId, sinceStored: since });
  await writeProgress(state, jobs.rolledUp, engineNow);
  if (buckets <= newestBuckets) return { historyChanged: false, importing: false };
  const stored = await lastStoredBefore(clickhouse, { projectId, beforeMs: nowMs - hourMs });
  return { historyChanged: true, importing: BigInt(engineNow) - stored < importQuietUs };
}
