import type { OtlpMetricKind } from '#contract/otlp-metric.ts';
import type { ClickHouse } from '../engine/client.ts';
import { COUNTS, GAUGES, GROUP, OF_METRIC, QUANTILES, SUMS } from './otlp-metric-sql.ts';
import { finalByPartition } from './otlp-metrics.ts';
import { isoToStore } from './time.ts';

export interface OtlpMetricQuestion {
  projectId: string;
  name: string;
  /** Undefined: those of most points of the name. */
  unit: string | undefined;
  kind: OtlpMetricKind | undefined;
  /** An attribute key, `service`, or empty. */
  groupBy: string;
  /** Empty: of all services. */
  service: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  stepS: number;
}

export interface MetricPoint {
  /** Start of the interval, ISO 8601. */
  time: string;
  value: number | null;
  count: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface OtlpMetricSeries {
  unit: string;
  kind: OtlpMetricKind;
  monotonic: boolean;
  series: { group: string; points: MetricPoint[] }[];
}

/** More groups than can be told apart; the others are drawn as one. */
const mostGroups = 50;

/** Cumulative points in the range are differences to the one before, which may lie before the range. */
const baseMs = 600_000;

/** One metric over time, the group with most points first; null when nothing of this name was ever received. */
export async function readOtlpMetricSeries(
  clickhouse: ClickHouse,
  question: OtlpMetricQuestion,
): Promise<OtlpMetricSeries | null> {
  const metric = await findMetric(clickhouse, question);
  if (metric === null) return null;
  const { unit, kind } = metric;
  const params = {
    ...paramsOf(question),
    unit,
    kinds: kindsLike(kind),
    since: isoToStore(question.fromMs - Math.max(baseMs, question.stepS * 1000)),
    step: question.stepS,
  };
  const groups = await clickhouse.query<{ grp: string }>(GROUPS, params);
  const kept = groups.length > mostGroups ? groups.slice(0, mostGroups).map(({ grp }) => grp) : [];
  const points = await readPoints(clickhouse, kind, { ...params, kept });
  const order = [...groups.slice(0, mostGroups).map(({ grp }) => grp), 'Other'];
  const named = [...new Set(order)].filter(group => points.has(group));
  return {
    unit,
    kind,
    monotonic: metric.monotonic === 1,
    series: named.map(group => ({ group, points: points.get(group)! })),
  };
}

function paramsOf({ projectId, name, groupBy, service, fromMs, toMs }: OtlpMetricQuestion) {
  return {
    project: projectId,
    name,
    group_key: groupBy,
    service,
    from: isoToStore(fromMs),
    to: isoToStore(toMs),
  };
}

interface MetricRow {
  unit: string;
  kind: OtlpMetricKind;
  monotonic: number;
}

/** Of metrics that share a name, the one asked for: in the range, or else, so that the page can say what it is, ever. */
async function findMetric(clickhouse: ClickHouse, question: OtlpMetricQuestion): Promise<MetricRow | null> {
  const { unit, kind } = question;
  const params = {
    ...paramsOf(question),
    units: unit === undefined ? [] : [unit],
    kinds: kind ? [kind] : [],
  };
  const [now] = await clickhouse.query<MetricRow>(
    findSql('AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}'),
    params,
  );
  if (now) return now;
  const [ever] = await clickhouse.query<MetricRow>(findSql(''), params);
  return ever ?? null;
}

const findSql = (range: string) => `
SELECT unit, kind, monotonic FROM metrics
WHERE project_id = {project:String} AND name = {name:String} ${range}
  AND ({service:String} = '' OR service = {service:String})
  AND (empty({units:Array(String)}) OR has({units:Array(String)}, unit))
  AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, kind))
GROUP BY unit, kind, monotonic
ORDER BY count() DESC, unit, kind, monotonic
LIMIT 1`;

/** Whether a histogram is exponential is the sender's choice per process, and nothing of the chart depends on it. */
const kindsLike = (kind: OtlpMetricKind): OtlpMetricKind[] =>
  kind === 'histogram' || kind === 'exponential_histogram' ? ['histogram', 'exponential_histogram'] : [kind];

const GROUPS = `
SELECT ${GROUP} AS grp FROM metrics
WHERE ${OF_METRIC} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
GROUP BY grp
ORDER BY count() DESC, grp
LIMIT ${mostGroups + 1}`;

interface PointRow {
  bucket: string;
  grp: string;
  value?: number | null;
  count?: number;
  p50?: number;
  p95?: number;
  p99?: number;
}

async function readPoints(
  clickhouse: ClickHouse,
  kind: OtlpMetricKind,
  params: Record<string, unknown>,
): Promise<Map<string, MetricPoint[]>> {
  const ask = (sql: string) => clickhouse.query<PointRow>(sql, params, finalByPartition);
  if (kind === 'gauge') return pointsOf(await ask(GAUGES));
  if (kind === 'sum') return pointsOf(await ask(SUMS));
  if (kind === 'summary') return pointsOf(await ask(COUNTS));
  const [counts, quantiles] = await Promise.all([ask(COUNTS), ask(QUANTILES)]);
  const byPlace = new Map(quantiles.map(row => [`${row.bucket} ${row.grp}`, row]));
  return pointsOf(counts.map(row => ({ ...byPlace.get(`${row.bucket} ${row.grp}`), ...row })));
}

function pointsOf(rows: readonly PointRow[]): Map<string, MetricPoint[]> {
  const groups = new Map<string, MetricPoint[]>();
  for (const { bucket, grp, value = null, count = null, p50 = null, p95 = null, p99 = null } of rows) {
    const points = groups.get(grp) ?? [];
    groups.set(grp, points);
    points.push({ time: new Date(Number(bucket) * 1000).toISOString(), value, count, p50, p95, p99 });
  }
  return groups;
}
