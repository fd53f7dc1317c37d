import { customMetric } from '#contract/drift.ts';
import { isImporting, readArrival } from '#store/queries/arrival.ts';
import { rollUpChanged } from '#store/rollup.ts';
import { readProgress, writeProgress } from '#store/state/progress.ts';
import { jobs } from './commit.ts';
import { readCustomMeasures } from './custom-measures.ts';
import type { AlertsDeps } from './deps.ts';
import { noteNewValues } from './new-values.ts';

/** Live traffic with its 90 s of overlap touches a few buckets. */
const newestBuckets = 8;
const quietMs = 10_000;
const hourMs = 3_600_000;

/** Whether old calls were still being stored a moment ago: then their buckets are not complete, however old they are. */
export function historyArrives({ clickhouse, projectId, clock }: AlertsDeps): Promise<boolean> {
  return isImporting(clickhouse, { projectId, beforeMs: clock.now() - hourMs, withinMs: quietMs });
}

/** Recomputes the buckets that changed since the last time; true when these were more than the newest. */
export async function rollUp(deps: AlertsDeps): Promise<boolean> {
  const { clickhouse, state, projectId, clock } = deps;
  const since = (await readProgress(state, jobs.rolledUp)) ?? '0';
  // The engine's clock before the roll-up: it stamps the rows, and whatever it has stamped by now gets rolled up.
  const { engineNow } = await readArrival(clickhouse, { projectId, nowMs: clock.now() });
  const attributes = (await readCustomMeasures(state)).map(measure => ({
    attribute: measure.attribute,
    metric: customMetric(measure),
    log: measure.scale === 'log',
  }));
  const { buckets } = await rollUpChanged(clickhouse, { projectId, sinceStored: since, attributes });
  await noteNewValues(deps, since);
  await writeProgress(state, jobs.rolledUp, engineNow);
  return buckets > newestBuckets;
}
