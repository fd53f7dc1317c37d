import { randomUUID } from 'node:crypto';
import type { Matcher } from '#contract/route.ts';
import type { Silence } from '#contract/silence.ts';
import {
  type AlertSilenceRow,
  addAlertSilence,
  endAlertSilence,
  listAlertSilences,
} from '#store/state/alert-silences.ts';
import type { AlertsDeps } from '../deps.ts';
import { matches } from './match.ts';
import { readSubjects, type Subject } from './subjects.ts';

const shownMs = 30 * 86_400_000;
const order = { active: 0, planned: 1, expired: 2 };

/** Active ones first, then planned, then those that ended within 30 days. */
export async function listSilences({ state, projectId, clock }: AlertsDeps): Promise<Silence[]> {
  const nowMs = clock.now();
  const rows = await listAlertSilences(state, projectId, new Date(nowMs - shownMs).toISOString());
  const firing = await readSubjects(state, projectId, []);
  return rows
    .map(row => viewOf(row, nowMs, firing))
    .sort((one, other) => order[one.state] - order[other.state] || (one.to < other.to ? 1 : -1));
}

export async function createSilence(
  { state, projectId, clock }: AlertsDeps,
  asked: Pick<Silence, 'kind' | 'match' | 'to' | 'comment'> & { from?: string | undefined; by: string },
): Promise<Silence> {
  const nowMs = clock.now();
  const row: AlertSilenceRow = {
    silence_id: `sil_${randomUUID().replaceAll('-', '').slice(0, 20)}`,
    project_id: projectId,
    kind: asked.kind,
    matchers: JSON.stringify(asked.match),
    starts_at: new Date(asked.from ?? nowMs).toISOString(),
    ends_at: new Date(asked.to).toISOString(),
    comment: asked.comment,
    created_by: asked.by,
    created_at: new Date(nowMs).toISOString(),
    ended_by: null,
  };
  await addAlertSilence(state, row);
  return viewOf(row, nowMs, await readSubjects(state, projectId, []));
}

/** Null when there is no such silence; one that is over stays as it was. */
export async function endSilence(
  { state, projectId, clock }: AlertsDeps,
  silenceId: string,
  by: string,
): Promise<Silence | null> {
  const nowMs = clock.now();
  const row = await endAlertSilence(state, { projectId, silenceId, at: new Date(nowMs).toISOString(), by });
  return row && viewOf(row, nowMs, await readSubjects(state, projectId, []));
}

function viewOf(row: AlertSilenceRow, nowMs: number, subjects: readonly Subject[]): Silence {
  const match = JSON.parse(row.matchers) as Matcher[];
  const now = new Date(nowMs).toISOString();
  const state = row.ends_at <= now ? 'expired' : row.starts_at > now ? 'planned' : 'active';
  const muted = subjects.filter(({ firing, labels }) => firing && matches(match, labels));
  return {
    id: row.silence_id,
    kind: row.kind,
    match,
    from: row.starts_at,
    to: row.ends_at,
    comment: row.comment,
    created_by: row.created_by,
    created_at: row.created_at,
    ended_by: row.ended_by,
    state,
    mutes: state === 'active' ? muted.length : 0,
  };
}
