import type { Selectable } from 'kysely';
import { z } from 'zod';
import { ingestProblem, storedCheck } from '#contract/ingest.ts';
import type { StateDb } from './open.ts';
import type { IngestStatusTable } from './schema.ts';

/** What a collector says about itself besides its counters; counts are since it started, sizes are bytes. */
const ingestReport = z.object({
  duplicates: z.number(),
  truncated: z.number(),
  /** Requests of which nothing was taken. */
  refusedRequests: z.number(),
  quarantined: z.number(),
  /** When the oldest request that is still to be read from the log was received; null when there is none. */
  unreadSince: z.string().nullable().default(null),
  /** Items in such requests; part of what waits. */
  unread: z.number().default(0),
  walBytes: z.number(),
  walLimitBytes: z.number(),
  check: storedCheck,
  problems: z.array(ingestProblem),
  /** True after a stop that was asked for: this collector's silence means nothing. */
  stopped: z.boolean(),
});
export type IngestReport = z.infer<typeof ingestReport>;

/** Counters of one collector since it started; `rejected` by reason. */
export interface IngestStatus extends Omit<Selectable<IngestStatusTable>, 'rejected' | 'report'> {
  rejected: Record<string, number>;
  /** Null from a collector that has not told yet. */
  report: IngestReport | null;
}

const rejectedShape = z.record(z.string(), z.number());

/** Replaces what the collector said before. */
export async function writeIngestStatus(
  db: StateDb,
  status: Omit<IngestStatus, 'report'> & { report?: IngestReport | null },
): Promise<void> {
  const row = {
    ...status,
    rejected: JSON.stringify(status.rejected),
    report: JSON.stringify(status.report ?? {}),
  };
  await db
    .insertInto('ingest_status')
    .values(row)
    .onConflict(conflict => conflict.column('collector_id').doUpdateSet(row))
    .execute();
}

/** Of every collector that ever reported, in the order of their ids. */
export async function readIngestStatuses(db: StateDb): Promise<IngestStatus[]> {
  const rows = await db.selectFrom('ingest_status').selectAll().orderBy('collector_id').execute();
  return rows.map(row => ({
    ...row,
    rejected: rejectedShape.parse(JSON.parse(row.rejected)),
    report: row.report === '{}' ? null : ingestReport.parse(JSON.parse(row.report)),
  }));
}
