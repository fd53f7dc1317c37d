import type { Selectable } from 'kysely';
import type { StateDb } from './open.ts';
import type { PostingTable } from './schema.ts';

export type PostingRow = Selectable<PostingTable>;

export async function addPosting(db: StateDb, row: PostingRow): Promise<void> {
  await db.insertInto('postings').values(row).execute();
}

export async function readPosting(
  db: StateDb,
  { projectId, postingId }: { projectId: string; postingId: string },
): Promise<PostingRow | null> {
  const row = await db
    .selectFrom('postings')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('posting_id', '=', postingId)
    .executeTakeFirst();
  return row ?? null;
}

/** The newest first. */
export async function listPostings(
  db: StateDb,
  { projectId, limit }: { projectId: string; limit: number },
): Promise<PostingRow[]> {
  return db
    .selectFrom('postings')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('created_at', 'desc')
    .orderBy('posting_id')
    .limit(limit)
    .execute();
}

/** What is to be computed or written, the oldest first. */
export async function unfinishedPostings(db: StateDb, projectId: string): Promise<PostingRow[]> {
  return db
    .selectFrom('postings')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('state', 'in', ['previewing', 'posting'])
    .orderBy('created_at')
    .execute();
}

/** False when it is not in the state `from` any more. */
export async function changePosting(
  db: StateDb,
  { postingId, from }: { postingId: string; from: PostingRow['state'] },
  change: Partial<Omit<PostingRow, 'posting_id' | 'project_id'>>,
): Promise<boolean> {
  const result = await db
    .updateTable('postings')
    .set(change)
    .where('posting_id', '=', postingId)
    .where('state', '=', from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
