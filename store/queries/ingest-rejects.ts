import type { ClickHouse } from '../engine/client.ts';
import { type IngestQuestion, rangeParams } from './ingest.ts';
import { isoFromStore } from './time.ts';

export interface RejectSummaryRow {
  reason: string;
  signal: string;
  service: string;
  count: number;
  last_at: string;
  /** JSON that identifies the newest of them, or says what was wrong. */
  sample: string;
}

const REJECTS = `
SELECT reason, signal, service, sum(count) AS n, toString(max(time)) AS last, argMax(sample, time) AS newest
FROM rejects
WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
GROUP BY reason, signal, service
ORDER BY last DESC, n DESC, reason, signal, service
LIMIT {limit:UInt32}`;

/** What was refused, by reason, signal and service, newest first. */
export async function readRejects(
  clickhouse: ClickHouse,
  question: IngestQuestion,
  limit = 200,
): Promise<RejectSummaryRow[]> {
  type Row = Pick<RejectSummaryRow, 'reason' | 'signal' | 'service'> & {
    n: string;
    last: string;
    newest: string;
  };
  const rows = await clickhouse.query<Row>(REJECTS, { ...rangeParams(question), limit });
  return rows.map(({ reason, signal, service, n, last, newest }) => ({
    reason,
    signal,
    service,
    count: Number(n),
    last_at: isoFromStore(last),
    sample: newest,
  }));
}

const BY_TIME = `
SELECT intDiv(toUnixTimestamp(time), {step:UInt32}) * {step:UInt32} AS bucket, sum(count) AS n
FROM rejects
WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
  AND reason IN {reasons:Array(String)}
GROUP BY bucket
ORDER BY bucket`;

/** How many were refused for one of `reasons`, in buckets of `stepS` seconds; start in Unix milliseconds. */
export async function readRejectSeries(
  clickhouse: ClickHouse,
  question: IngestQuestion,
  { reasons, stepS }: { reasons: readonly string[]; stepS: number },
): Promise<{ timeMs: number; count: number }[]> {
  const params = { ...rangeParams(question), step: stepS, reasons };
  const rows = await clickhouse.query<{ bucket: string; n: string }>(BY_TIME, params);
  return rows.map(({ bucket, n }) => ({ timeMs: Number(bucket) * 1000, count: Number(n) }));
}
