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
  /** `counts[i]` values lie in the log bin `bins[i]`, floor(25 ln x); empty for metrics without bins. */
  bins: StatsBins;
}

interface StatsBins {
  bins: readonly number[];
  counts: readonly number[];
}

export interface StatsRange {
  projectId: string;
  /** Inclusive, Unix milliseconds. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

/** Buckets with values of every series of a metric (or of these or all metrics), by series, in time order. */
export async function readStats(
  clickhouse: ClickHouse,
  range: StatsRange,
  { metrics, ...filter }: Partial<StatsSeries> & { metrics?: readonly string[] } = {},
): Promise<{ series: StatsSeries; buckets: StatsBucket[] }[]> {
  const given = Object.keys(filter) as (keyof StatsSeries)[];
  // As 32-bit numbers and floats nothing is quoted, which is quicker on both sides; 2^53 values a bucket are out of reach.
  const rows = await clickhouse.query<StatsSeries & { buckets: Row[] }>(
    `SELECT feature, model, environment, metric, arraySort(groupArray((toUnixTimestamp(bucket), toFloat64(n), sum, sum_sq,
       mapKeys(histogram), CAST(mapValues(histogram), 'Array(UInt32)')))) AS buckets
     FROM call_stats_15m FINAL
     WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime} AND n > 0
       ${given.map(name => `AND ${name} = {${name}:String}`).join(' ')}
       ${metrics ? 'AND metric IN {metrics:Array(String)}' : ''}
     GROUP BY feature, model, environment, metric
     ORDER BY feature, model, environment, metric`,
    { ...filter, ...rangeParams(range), ...(metrics && { metrics: [...metrics] }) },
    { settings: alertLimits },
  );
  return rows.map(({ buckets, ...series }) => ({ series, buckets: buckets.map(toBucket) }));
}

/** Bucket start in seconds, n, sum, sum of squares, histogram. */
type Row = [number, number, number, number, number[], number[]];

const toBucket = ([seconds, n, sum, sumSq, bins, counts]: Row): StatsBucket => ({
  startMs: seconds * 1000,
  n,
  sum,
  sumSq,
  bins: { bins, counts },
});

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
    rangeParams(range),
    { settings: alertLimits },
  );
  return rows.map(({ values, first, last, ...series }) => ({
    ...series,
    values: Number(values),
    firstMs: first * 1000,
    lastMs: last * 1000,
  }));
}

/** Parameters of a range of buckets. */
export function rangeParams({ projectId, fromMs, toMs }: StatsRange) {
  return { project: projectId, from: Math.floor(fromMs / 1000), to: Math.ceil(toMs / 1000) };
}
