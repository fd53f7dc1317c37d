import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { StateDb } from './open.ts';
import type { IngestStatusTable } from './schema.ts';

/** Counters of one collector since it started; `rejected` by reason. */
export interface IngestStatus extends Omit<Selectable<IngestStatusTable>, 'rejected'> {
  rejected: Record<string, number>;
}

const rejectedShape = z.record(z.string(), z.number());

export async function writeIngestStatus(db: StateDb, status: IngestStatus): Promise<void> {
  const row = { ...status, rejected: JSON.stringify(status.rejected) };
  await db
    .insertInto('ingest_status')
    .values(row)
    .onConflict(conflict => conflict.column('collector_id').doUpdateSet(row))
    .execute();
}

/** Of every collector that ever reported, in the order of their ids. */
export async function readIngestStatuses(db: StateDb): Promise<IngestStatus[]> {
  const rows = await db.selectFrom('ingest_status').selectAll().orderBy('collector_id').execute();
  return rows.map(row => ({ ...row, rejected: rejectedShape.parse(JSON.parse(row.rejected)) }));
}
