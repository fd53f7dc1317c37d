import type { Condition } from '#contract/dimension.ts';
import type { AlertsDeps } from './deps.ts';
import type { Incident } from './incident.ts';
import { leadOf } from './incident.ts';
import { readWatermarks } from './watermarks.ts';

/** Windows older than this are waited for by nobody, whatever a sender holds back. */
const longestMs = 24 * 3_600_000;

/** Up to when the senders of a feature have told everything, ISO 8601; null when nobody knows, also while the store is away. */
export async function completeUntilOf(
  deps: AlertsDeps,
  { feature, environment }: Pick<Incident, 'feature' | 'environment'>,
): Promise<string | null> {
  const where: Condition[] = [
    { dimension: 'feature', value: feature },
    { dimension: 'environment', value: environment },
  ];
  const read = readWatermarks(deps, where, deps.clock.now());
  const completeUntilMs = await read.then(
    ({ completeUntilMs: ms }) => ms,
    () => null,
  );
  return completeUntilMs === null ? null : new Date(completeUntilMs).toISOString();
}

/** Ids of those that fire on a window that is not complete: late data may take them back. */
export async function provisionalOf(
  deps: AlertsDeps,
  incidents: readonly Incident[],
): Promise<ReadonlySet<string>> {
  const oldestMs = deps.clock.now() - longestMs;
  const young = incidents.filter(
    incident => incident.state === 'firing' && leadOf(incident).openedAtMs >= oldestMs,
  );
  const ids = await Promise.all(
    young.map(async incident => {
      const until = await completeUntilOf(deps, incident);
      return until !== null && leadOf(incident).openedAtMs > Date.parse(until) ? [incident.id] : [];
    }),
  );
  return new Set(ids.flat());
}
