import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { rangeParams, type StatsRange, type StatsSeries } from './stats.ts';

/** A feature in an environment, with all its models. */
export type StatsGroup = Pick<StatsSeries, 'feature' | 'environment'>;

interface Asked {
  metric: string;
  groups: readonly StatsGroup[];
}

/** Buckets with values of a series by columns, in time order: a hundred thousand of them would be as many objects twice. */
interface MomentColumns {
  /** Starts of the 15 minutes, Unix seconds. */
  starts: number[];
  counts: number[];
  sums: number[];
  sumsSq: number[];
}

/** Moments of one metric of some groups, by series, without bins. */
export function readMoments(
  clickhouse: ClickHouse,
  range: StatsRange,
  asked: Asked,
): Promise<(StatsSeries & MomentColumns)[]> {
  return clickhouse.query(
    `WITH arraySort(groupArray((toUnixTimestamp(bucket), toFloat64(n), sum, sum_sq))) AS buckets
     SELECT feature, model, environment, metric, tupleElement(buckets, 1) AS starts, tupleElement(buckets, 2) AS counts,
       tupleElement(buckets, 3) AS sums, tupleElement(buckets, 4) AS sumsSq
     ${ofGroups}
     GROUP BY feature, model, environment, metric
     ORDER BY feature, model, environment, metric`,
    { ...rangeParams(range), ...groupParams(asked) },
    { settings: alertLimits },
  );
}

/** The histograms of each week of every series of some groups: count by log bin, floor(25 ln x). */
export async function readWeeklyBins(
  clickhouse: ClickHouse,
  range: StatsRange,
  asked: Asked,
): Promise<{ series: StatsSeries; weeks: Map<number, number>[] }[]> {
  const rows = await clickhouse.query<StatsSeries & { weeks: [number[], number[]][] }>(
    `SELECT feature, model, environment, metric,
       groupArray((mapKeys(histogram), arrayMap(count -> toFloat64(count), mapValues(histogram)))) AS weeks
     FROM (SELECT feature, model, environment, metric, sumMap(histogram) AS histogram
       ${ofGroups}
       GROUP BY feature, model, environment, metric, intDiv(toUnixTimestamp(bucket), 604800))
     GROUP BY feature, model, environment, metric
     ORDER BY feature, model, environment, metric`,
    { ...rangeParams(range), ...groupParams(asked) },
    { settings: alertLimits },
  );
  return rows.map(({ weeks, ...series }) => ({
    series,
    weeks: weeks.map(([bins, counts]) => new Map(bins.map((bin, at) => [bin, counts[at]!]))),
  }));
}

/** Histograms of a series in time order, of which the values up to a bin are only counted. */
export interface TailColumns {
  /** Starts of the 15 minutes, Unix seconds. */
  starts: number[];
  /** All values of each. */
  totals: number[];
  /** How many bins of each are told apart, and those with their counts, one bucket's behind the other's. */
  sizes: number[];
  bins: number[];
  counts: number[];
}

/** Histograms of one metric of some groups, by series: of those in `above` only the bins above theirs are told apart. */
export function readTails(
  clickhouse: ClickHouse,
  range: StatsRange,
  { metric, groups, above }: Asked & { above: readonly { series: StatsSeries; bin: number }[] },
): Promise<(StatsSeries & TailColumns)[]> {
  return clickhouse.query(
    `WITH arraySort(groupArray((toUnixTimestamp(bucket), total, own_bins, own_counts))) AS buckets
     SELECT feature, model, environment, metric, tupleElement(buckets, 1) AS starts, tupleElement(buckets, 2) AS totals,
       arrayMap(own -> toUInt32(length(own)), tupleElement(buckets, 3)) AS sizes,
       arrayFlatten(tupleElement(buckets, 3)) AS bins, arrayFlatten(tupleElement(buckets, 4)) AS counts
     FROM
     (
       SELECT feature, model, environment, metric, bucket, mapKeys(histogram) AS places, mapValues(histogram) AS values,
         transform(concat(feature, '\\0', model, '\\0', environment), {series:Array(String)}, {above:Array(Int16)}, toInt16(-32768)) AS least,
         toFloat64(arraySum(values)) AS total, arrayFilter(bin -> bin > least, places) AS own_bins,
         CAST(arrayFilter((count, bin) -> bin > least, values, places), 'Array(UInt32)') AS own_counts
       ${ofGroups}
     )
     GROUP BY feature, model, environment, metric
     ORDER BY feature, model, environment, metric`,
    {
      ...rangeParams(range),
      ...groupParams({ metric, groups }),
      series: above.map(({ series: one }) => `${one.feature}\0${one.model}\0${one.environment}`),
      above: above.map(({ bin }) => bin),
    },
    { settings: alertLimits },
  );
}

const ofGroups = `FROM call_stats_15m FINAL
     WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime} AND n > 0
       AND metric = {metric:String} AND (feature, environment) IN (
         SELECT arrayJoin(arrayZip({features:Array(String)}, {environments:Array(String)})))`;

const groupParams = ({ metric, groups }: Asked) => ({
  metric,
  features: groups.map(({ feature }) => feature),
  environments: groups.map(({ environment }) => environment),
});
