import { randomUUID } from 'node:crypto';
import type { Acceptance } from '#contract/drift.ts';
import { type AcceptedLevelRow, addAcceptedLevel, listAcceptedLevels } from '#store/state/accepted-levels.ts';
import { listIncidents } from '#store/state/incidents.ts';
import type { AlertsDeps } from './deps.ts';
import { bucketMs } from './drift/season.ts';
import { fromRow } from './incident-rows.ts';

export interface AcceptRequest {
  kind: 'accepted' | 'deploy';
  feature: string;
  model?: string | undefined;
  environment?: string | undefined;
  metric?: string | undefined;
  /** ISO 8601; default: where the open finding began, else now. */
  from?: string | undefined;
  by: string;
  note: string;
}

const mostOpen = 500;

/** Writes down that a level is normal from a time on; the next check takes it. */
export async function acceptLevel(deps: AlertsDeps, asked: AcceptRequest): Promise<Acceptance> {
  const nowMs = deps.clock.now();
  const fromMs = asked.from === undefined ? await startOf(deps, asked) : Date.parse(asked.from);
  const row: AcceptedLevelRow = {
    acceptance_id: `acc_${randomUUID()}`,
    project_id: deps.projectId,
    kind: asked.kind,
    feature: asked.feature,
    model: asked.model ?? null,
    environment: asked.environment ?? null,
    metric: asked.metric ?? null,
    from_at: new Date(Math.min(nowMs, Math.ceil(fromMs / bucketMs) * bucketMs)).toISOString(),
    accepted_by: asked.by,
    accepted_at: new Date(nowMs).toISOString(),
    note: asked.note,
  };
  await addAcceptedLevel(deps.state, row);
  return shown(row);
}

/** Newest first. */
export async function acceptedLevels(
  deps: AlertsDeps,
  filter: { feature?: string | undefined; limit: number },
): Promise<Acceptance[]> {
  const rows = await listAcceptedLevels(deps.state, { projectId: deps.projectId, ...filter });
  return rows.map(shown);
}

/** Where the oldest open finding that is meant began; now when there is none, as for a deploy. */
async function startOf({ state, projectId, clock }: AlertsDeps, asked: AcceptRequest): Promise<number> {
  if (asked.kind === 'deploy') return clock.now();
  const firing = await listIncidents(state, { projectId, state: 'firing', limit: mostOpen });
  const starts = firing
    .flatMap(row => fromRow(row).incident.findings)
    .filter(
      one =>
        one.closedAtMs === null &&
        one.feature === asked.feature &&
        (asked.model ?? one.model) === one.model &&
        (asked.environment ?? one.environment) === one.environment &&
        (asked.metric ?? one.metric) === one.metric,
    )
    .map(({ changedAtMs }) => changedAtMs);
  return Math.min(clock.now(), ...starts);
}

function shown(row: AcceptedLevelRow): Acceptance {
  const { model, environment, metric } = row;
  return {
    id: row.acceptance_id,
    kind: row.kind,
    feature: row.feature,
    ...(model !== null && { model }),
    ...(environment !== null && { environment }),
    ...(metric !== null && { metric }),
    from: row.from_at,
    by: row.accepted_by,
    at: row.accepted_at,
    note: row.note,
  };
}
