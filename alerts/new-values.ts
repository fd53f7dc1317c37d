import { type NewValue, newValueKinds } from '#contract/drift.ts';
import { type ShownValue, sightsOf, touchedValues } from '#store/queries/value-sights.ts';
import { listNewValues, readKnownValues, writeKnownValues } from '#store/state/known-values.ts';
import type { AlertsDeps } from './deps.ts';
import { dayMs } from './drift/season.ts';

/** Senders make names up without end; beyond this many a check the rest waits until it is seen again. */
const mostPerCheck = 5000;
/** What was stored last may not have been seen by the check before. */
const overlapUs = 90_000_000n;

const keyOf = ({ feature, environment, kind, value }: ShownValue) =>
  JSON.stringify([feature, environment, kind, value]);

/**
 * Notes the values in what was stored since `sinceStored` (microseconds, decimal). One that a feature shows for the third time is
 * an event when the feature had been there for a day without it: what a feature begins with is not new. No test is
 * needed, so it costs nothing of the false-alarm budget.
 */
export async function noteNewValues(deps: AlertsDeps, sinceStored: string): Promise<void> {
  const { clickhouse, state, projectId } = deps;
  const since = BigInt(sinceStored) > overlapUs ? BigInt(sinceStored) - overlapUs : 0n;
  const touched = await touchedValues(clickhouse, {
    projectId,
    sinceStored: since.toString(),
    limit: mostPerCheck,
  });
  if (touched.length === 0) return;
  const features = [...new Set(touched.map(({ feature }) => feature))];
  const known = await readKnownValues(state, projectId, features);
  const settled = new Set(known.filter(({ third_at }) => third_at !== null).map(keyOf));
  const open = new Set(touched.map(keyOf).filter(key => !settled.has(key)));
  if (open.size === 0) return;
  const sights = await sightsOf(
    clickhouse,
    projectId,
    touched.filter(value => open.has(keyOf(value))),
  );
  const rows = sights
    .filter(sight => open.has(keyOf(sight)))
    .map(({ firstAt, thirdAt, featureFirstAt, ...value }) => ({
      project_id: projectId,
      ...value,
      first_at: firstAt,
      third_at: thirdAt,
      is_news: Date.parse(firstAt) - Date.parse(featureFirstAt) >= dayMs ? (1 as const) : (0 as const),
    }));
  await writeKnownValues(state, rows);
}

/** Newest first. */
export async function newValues(
  { state, projectId }: AlertsDeps,
  filter: Omit<Parameters<typeof listNewValues>[1], 'projectId'>,
): Promise<NewValue[]> {
  const [from, to] = [filter.from, filter.to].map(at => at && new Date(at).toISOString());
  const rows = await listNewValues(state, { projectId, ...filter, from, to });
  return rows.flatMap(({ feature, environment, kind, value, first_at, third_at }) => {
    const named = newValueKinds.find(one => one === kind);
    return named && third_at
      ? { feature, environment, kind: named, value, first_seen_at: first_at, at: third_at }
      : [];
  });
}
