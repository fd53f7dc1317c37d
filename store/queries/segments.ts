import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { type CallValuesOf, callValueParams, callValues } from './call-values.ts';
import { isoToStore } from './time.ts';

const segmentDimensions = [
  'prompt',
  'release',
  'tenant',
  'provider',
  'request_model',
  'service',
  'variant',
  'finish_reason',
  'error_type',
] as const;

/** Values of the metric among the calls with one value of a dimension, before and after a change. */
export interface SegmentStats {
  dimension: (typeof segmentDimensions)[number];
  value: string;
  nBefore: number;
  sumBefore: number;
  nAfter: number;
  sumAfter: number;
  /** p95 of the latency in ms on either side; null without values. */
  p95BeforeMs: number | null;
  p95AfterMs: number | null;
}

export interface Windows {
  fromMs: number;
  changedMs: number;
  toMs: number;
}

const pairs = segmentDimensions.map(name => `('${name}', toString(${name}))`).join(', ');

/** Every dimension's values with at least `minCalls` values on both sides together, the most frequent 200 of each. */
export async function readSegments(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  { fromMs, changedMs, toMs }: Windows,
  minCalls = 10,
): Promise<SegmentStats[]> {
  const sql = `
    SELECT pair.1 AS dimension, pair.2 AS value,
      countIf(NOT later) AS nBefore, sumIf(x, NOT later) AS sumBefore, countIf(later) AS nAfter, sumIf(x, later) AS sumAfter,
      quantileIf(0.95)(duration_ms, NOT later) AS p95BeforeMs, quantileIf(0.95)(duration_ms, later) AS p95AfterMs
    FROM
    (
      SELECT *, at >= {changed:DateTime64(3)} AS later
      FROM (${callValues(of.metric, ['start_time', 'duration_ms', ...segmentDimensions])})
    )
    ARRAY JOIN [${pairs}] AS pair
    GROUP BY dimension, value
    HAVING nBefore + nAfter >= {minCalls:UInt32}
    ORDER BY nBefore + nAfter DESC
    LIMIT 200 BY dimension`;
  const params = {
    ...callValueParams(of),
    from: isoToStore(fromMs),
    changed: isoToStore(changedMs),
    to: isoToStore(toMs),
    minCalls,
  };
  type Row = Omit<SegmentStats, 'nBefore' | 'nAfter'> & { nBefore: string; nAfter: string };
  const rows = await clickhouse.query<Row>(sql, params, { settings: alertLimits });
  return rows.map(row => ({ ...row, nBefore: Number(row.nBefore), nAfter: Number(row.nAfter) }));
}
