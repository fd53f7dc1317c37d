import type { OtlpMetricKind } from '#contract/otlp-metric.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { isoFromStore, isoToStore } from './time.ts';

export interface OtlpMetric {
  name: string;
  unit: string;
  kind: OtlpMetricKind;
  monotonic: boolean;
  services: string[];
  /** Keys of the points' own attributes. */
  attributes: string[];
  points: number;
  /** ISO 8601. */
  last_seen: string;
  /** Services among them of which no span is known in the time. */
  without_spans: string[];
}

interface Range {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
}

interface ListRow {
  name: string;
  unit: string;
  kind: OtlpMetricKind;
  monotonic: number;
  services: string[];
  keys: string[];
  points: string;
  last: string;
}

/** The metrics that were received, by name; at most 1000. A name with two units or kinds is two metrics. */
export async function readOtlpMetrics(clickhouse: ClickHouse, range: Range): Promise<OtlpMetric[]> {
  const rows = await clickhouse.query<ListRow>(LIST, paramsOf(range), finalByPartition);
  const services = [...new Set(rows.flatMap(row => row.services))];
  const silent = await withoutSpans(clickhouse, range, services);
  return rows.map(({ name, unit, kind, monotonic, services, keys, points, last }) => ({
    name,
    unit,
    kind,
    monotonic: monotonic === 1,
    services,
    attributes: keys,
    points: Number(points),
    last_seen: isoFromStore(last),
    without_spans: services.filter(service => silent.has(service)),
  }));
}

/** A point and its repetition have the same time, so they are in one partition: no others need be compared. */
export const finalByPartition = { settings: { do_not_merge_across_partitions_select_final: 1 } } as const;

function paramsOf({ projectId, fromMs, toMs }: Range) {
  return { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs) };
}

const LIST = `
SELECT name, unit, kind, monotonic,
  arraySort(groupUniqArray(200)(service)) AS services,
  arraySort(groupUniqArrayArray(100)(mapKeys(attributes))) AS keys,
  count() AS points, toString(max(time)) AS last
FROM metrics FINAL
WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
GROUP BY name, unit, kind, monotonic
ORDER BY name, unit, kind, monotonic
LIMIT 1000`;

/**
 * Services that send no spans. The collector's minutes say it of nearly all; spans are read for the rest, those
 * received by a collector that kept no minutes, and only as far as it takes.
 */
async function withoutSpans(
  clickhouse: ClickHouse,
  range: Range,
  services: readonly string[],
): Promise<Set<string>> {
  const silent = new Set(services);
  for (const sql of [TRACED, SPANS]) {
    if (silent.size === 0) break;
    const params = { ...paramsOf(range), services: [...silent] };
    const seen = await clickhouse.query<{ service: string }>(sql, params, briefly);
    for (const { service } of seen) silent.delete(service);
  }
  return silent;
}

const briefly = {
  settings: { ...dashboardLimits, max_execution_time: 3, timeout_overflow_mode: 'break' },
} as const;

const TRACED = `
SELECT DISTINCT service FROM ingest_sources
WHERE project_id = {project:String} AND minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)}
  AND signal = 'traces' AND acked > 0 AND service IN {services:Array(String)}`;

const SPANS = `
SELECT DISTINCT service FROM spans
WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
  AND service IN {services:Array(String)}`;
