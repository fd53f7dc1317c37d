import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { ChangeMarker, listChangeMarkers, postChangeMarker } from '#contract/change-marker.ts';
import {
  type ChangeMarkerRow,
  listChangeMarkers as listRows,
  putChangeMarker,
} from '#store/state/change-markers.ts';
import type { AlertsDeps } from './deps.ts';

/** Keeps what somebody says they changed; the same id again replaces it. */
export async function setChangeMarker(
  { state, projectId, clock }: Pick<AlertsDeps, 'state' | 'projectId' | 'clock'>,
  asked: z.output<(typeof postChangeMarker)['request']>,
): Promise<ChangeMarker> {
  const row: ChangeMarkerRow = {
    project_id: projectId,
    marker_id: asked.id ?? `mrk_${randomUUID()}`,
    kind: asked.kind,
    title: asked.title,
    at: new Date(asked.at === undefined ? clock.now() : Date.parse(asked.at)).toISOString(),
    feature: asked.feature ?? null,
    environment: asked.environment ?? null,
    set_by: asked.by,
    url: asked.url ?? null,
  };
  await putChangeMarker(state, row);
  return shown(row);
}

/** Newest first. */
export async function changeMarkers(
  { state, projectId }: Pick<AlertsDeps, 'state' | 'projectId'>,
  { from, to, ...asked }: z.output<(typeof listChangeMarkers)['request']>,
): Promise<ChangeMarker[]> {
  const iso = (at: string | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const rows = await listRows(state, { projectId, ...asked, from: iso(from), to: iso(to) });
  return rows.map(shown);
}

function shown({
  marker_id,
  kind,
  title,
  at,
  feature,
  environment,
  set_by,
  url,
}: ChangeMarkerRow): ChangeMarker {
  return { id: marker_id, kind, title, at, feature, environment, by: set_by, url };
}
