import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import type { IngestQuestion } from './ingest.ts';
import { isoFromStore, isoToStore } from './time.ts';

/** An attribute of one instrumentation that no rule reads. */
export interface UnmappedAttribute {
  scope_name: string;
  scope_version: string;
  dialect: string;
  key: string;
  /** Sampled spans of the instrumentation, and those of them that carry it. */
  sampled: number;
  spans: number;
  example: string;
  trace_id: string;
  span_id: string;
  last_seen: string;
}

const KEY = 'scope_name, scope_version, dialect';
const rows = `
FROM unmapped_attributes FINAL
WHERE project_id = {project:String} AND hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)}`;

// An hour in which the key did not occur has no row for it, but its sample counts: so the sample is summed apart, over
// hours and collectors.
const UNMAPPED = `
SELECT ${KEY}, key, n, sampled, newest.1 AS example, newest.2 AS trace_id, newest.3 AS span_id, toString(seen) AS last
FROM
(
  SELECT ${KEY}, key, sum(n) AS n, argMax((example, trace_id, span_id), last_seen) AS newest, max(last_seen) AS seen
  ${rows}
  GROUP BY ${KEY}, key
) AS keys
INNER JOIN
(
  SELECT ${KEY}, sum(hour_sample) AS sampled
  FROM (SELECT ${KEY}, hour, collector_id, max(sampled) AS hour_sample ${rows} GROUP BY ${KEY}, hour, collector_id)
  GROUP BY ${KEY}
) AS samples USING (${KEY})
ORDER BY n DESC, key
LIMIT {limit:UInt32}`;

/** Attributes nobody reads, most frequent first; the hour in which the range begins counts whole. */
export async function readUnmappedAttributes(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: IngestQuestion,
  limit = 1000,
): Promise<UnmappedAttribute[]> {
  type Row = Omit<UnmappedAttribute, 'sampled' | 'spans' | 'last_seen'> & {
    n: string;
    sampled: string;
    last: string;
  };
  const params = {
    project: projectId,
    from: isoToStore(Math.floor(fromMs / 3_600_000) * 3_600_000),
    to: isoToStore(toMs),
    limit,
  };
  const found = await clickhouse.query<Row>(UNMAPPED, params, { settings });
  return found.map(({ n, sampled, last, ...row }) => ({
    ...row,
    spans: Number(n),
    sampled: Number(sampled),
    last_seen: isoFromStore(last),
  }));
}

const settings = { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const };
