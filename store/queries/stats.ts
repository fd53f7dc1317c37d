import { alertLimits, type ClickHouse } from '../engine/client.ts';

/** A series of the roll-up: calls of one feature with one model in one environment, and one metric of them. */
export interface StatsSeries {
  feature: string;
  model: string;
  environment: string;
  metric: string;
}

export interface StatsBucket {
  /** Start of the 15 minutes, Unix milliseconds. */
  startMs: number;
  n: number;
  sum: number;
  sumSq: number;
  /** Count by log bin floor(25 ln x); empty for metrics without bins. */
  bins: Record<number, number>;
}

export interface StatsRange {
  projectId: string;
  /** Inclusive, Unix milliseconds. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

/** Buckets with values of every series of a metric (or of all metrics), by series, in time order. */
export async function readStats(
  clickhouse: ClickHouse,
  range: StatsRange,
  filter: Partial<StatsSeries> = {},
): Promise<{ series: StatsSeries; buckets: StatsBucket[] }[]> {
  const given = Object.keys(filter) as (keyof StatsSeries)[];
  const rows = await clickhouse.query<StatsSeries & { buckets: Row[] }>(
    `SELECT feature, model, environment, metric,
       arraySort(groupArray((toUnixTimestamp(bucket), n, sum, sum_sq, histogram))) AS buckets
     FROM call_stats_15m FINAL
     WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime} AND n > 0
       ${given.map(name => `AND ${name} = {${name}:String}`).join(' ')}
     GROUP BY feature, model, environment, metric
     ORDER BY feature, model, environment, metric`,
    { ...filter, ...params(range) },
    { settings: alertLimits },
  );
  return rows.map(({ buckets, ...series }) => ({ series, buckets: buckets.map(toBucket) }));
}

/** Bucket start in seconds, n, sum, sum of squares, histogram. */
type Row = [number, string, number, number, Record<string, string>];

function toBucket([seconds, n, sum, sumSq, histogram]: Row): StatsBucket {
  const bins = Object.fromEntries(Object.entries(histogram).map(([bin, count]) => [bin, Number(count)]));
  return { startMs: seconds * 1000, n: Number(n), sum, sumSq, bins };
}

/** Every series with values in the range, and how many values. */
export async function listSeries(
  clickhouse: ClickHouse,
  range: StatsRange,
): Promise<(StatsSeries & { values: number; firstMs: number; lastMs: number })[]> {
  const rows = await clickhouse.query<StatsSeries & { values: string; first: number; last: number }>(
    `SELECT feature, model, environment, metric, sum(n) AS values,
       toUnixTimestamp(min(bucket)) AS first, toUnixTimestamp(max(bucket)) AS last
     FROM call_stats_15m FINAL
     WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime} AND n > 0
     GROUP BY feature, model, environment, metric
     ORDER BY feature, model, environment, metric`,
    params(range),
    { settings: alertLimits },
  );
  return rows.map(({ values, first, last, ...series }) => ({
    ...series,
    values: Number(values),
    firstMs: first * 1000,
    lastMs: last * 1000,
  }));
}

function params({ projectId, fromMs, toMs }: StatsRange) {
  return { project: projectId, from: Math.floor(fromMs / 1000), to: Math.ceil(toMs / 1000) };
}
