import type { Condition } from '#contract/dimension.ts';
import type { AlertsDeps } from './deps.ts';
import { type Incident, type IncidentChange, leadOf, recordConfirmed } from './incident.ts';
import { readWatermarks } from './watermarks.ts';
import { says } from './words.ts';

/** Windows older than this are waited for by nobody, whatever a sender holds back. */
const longestMs = 24 * 3_600_000;

/** Up to when the senders of a feature have told everything, ISO 8601; null when nobody knows, also while the store is away. */
export async function completeUntilOf(
  deps: AlertsDeps,
  { feature, environment }: Pick<Incident, 'feature' | 'environment'>,
): Promise<string | null> {
  return completeUntilWhere(deps, [
    { dimension: 'feature', value: feature },
    { dimension: 'environment', value: environment },
  ]);
}

/** The same for calls like these. */
export async function completeUntilWhere(
  deps: AlertsDeps,
  where: readonly Condition[],
): Promise<string | null> {
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

/**
 * Before anybody is told: what fires on a window that is not complete says so, and says when it is. Changes incidents and their
 * news in place.
 */
export async function noteProvisional(
  deps: AlertsDeps,
  incidents: readonly Incident[],
  changes: IncidentChange[],
): Promise<void> {
  const fired = new Map(
    changes.flatMap(change => (change.kind === 'fired' ? [[change.incident.id, change] as const] : [])),
  );
  const asked = incidents.filter(one => one.provisional || fired.has(one.id));
  if (asked.length === 0) return;
  const provisional = await provisionalOf(deps, asked);
  for (const incident of asked) {
    const was = incident.provisional ?? false;
    incident.provisional = provisional.has(incident.id);
    const line = fired.get(incident.id);
    if (line && incident.provisional) line.text += ` ${says.provisional()}`;
    if (was && !incident.provisional && incident.state === 'firing')
      changes.push(recordConfirmed(incident, deps.clock.now()));
  }
}
