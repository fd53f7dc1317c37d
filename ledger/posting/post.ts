import { randomUUID } from 'node:crypto';
import type { Repricing } from '#contract/spend.ts';
import { listClosedMonths } from '#store/state/closed-months.ts';
import {
  addPosting,
  changePosting,
  listPostings,
  type PostingRow,
  readPosting,
} from '#store/state/postings.ts';
import { readPriceRevision } from '#store/state/prices.ts';
import type { LedgerDeps } from '../deps.ts';
import { noResult, type RepricingSpec, repricingOf } from './repricing.ts';

/** Why it cannot be posted, for a person; nothing has been changed. */
export class CannotPostError extends Error {
  override name = 'CannotPostError';
}

/** Writes down what is to be previewed; somebody must run it (see createPoster). */
export async function addPreview(deps: LedgerDeps, spec: RepricingSpec): Promise<Repricing> {
  const { state, projectId, clock } = deps;
  const { revision, changedAt } = await readPriceRevision(state);
  // It is priced by what was known then: by everything that is known now.
  const knownMs = Math.max(clock.now(), changedAt === null ? 0 : Date.parse(changedAt));
  const row: PostingRow = {
    posting_id: `rep_${randomUUID().replaceAll('-', '').slice(0, 20)}`,
    project_id: projectId,
    state: 'previewing',
    spec: JSON.stringify(spec),
    created_at: new Date(knownMs).toISOString(),
    posted_at: null,
    price_revision: String(revision),
    progress: 0,
    result: JSON.stringify(noResult),
    error: null,
  };
  await addPosting(state, row);
  return repricingOf(row, await closed(deps));
}

/** From here on it is posted, whatever happens; null when there is no such preview. */
export async function beginPosting(deps: LedgerDeps, postingId: string): Promise<Repricing | null> {
  const { state, projectId, clock } = deps;
  const row = await readPosting(state, { projectId, postingId });
  if (!row) return null;
  if (row.state === 'posting' || row.state === 'posted') return repricingOf(row, await closed(deps));
  if (row.state !== 'previewed') {
    throw new CannotPostError(
      row.state === 'failed' ? `The preview failed: ${row.error}` : 'The preview is not complete yet.',
    );
  }
  const { revision } = await readPriceRevision(state);
  if (String(revision) !== row.price_revision) {
    throw new CannotPostError('Prices have changed since this preview. Preview it again.');
  }
  const change = { state: 'posting', progress: 0, posted_at: new Date(clock.now()).toISOString() } as const;
  await changePosting(state, { postingId, from: 'previewed' }, change);
  return repricingById(deps, postingId);
}

export async function repricingById(deps: LedgerDeps, postingId: string): Promise<Repricing | null> {
  const row = await readPosting(deps.state, { projectId: deps.projectId, postingId });
  return row && repricingOf(row, await closed(deps));
}

/** The newest first. */
export async function listRepricings(deps: LedgerDeps, limit: number): Promise<Repricing[]> {
  const rows = await listPostings(deps.state, { projectId: deps.projectId, limit });
  const months = await closed(deps);
  return rows.map(row => repricingOf(row, months));
}

async function closed({ state, projectId }: LedgerDeps): Promise<ReadonlySet<string>> {
  return new Set((await listClosedMonths(state, projectId)).map(({ month }) => month));
}
