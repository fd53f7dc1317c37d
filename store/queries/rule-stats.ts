import { alertLimits, type ClickHouse } from '../engine/client.ts';
import type { StatsBucket, StatsRange } from './stats.ts';

const dimensions = ['feature', 'model', 'environment'] as const;
type Dimension = (typeof dimensions)[number];

/** One value of `groupBy` and one metric of the roll-up: sums over all its series, by quarter of an hour. */
export interface GroupStats {
  labels: Partial<Record<Dimension, string>>;
  metric: string;
  /** In time order, those with values. */
  buckets: GroupBucket[];
}

export interface GroupBucket extends Omit<StatsBucket, 'bins'> {
  /** Count by log bin floor(25 ln x); empty for metrics without bins. */
  bins: Record<number, number>;
}

/** Sums of roll-ups over what a rule watches; bins only where `withBins`. */
export async function readGroupStats(
  clickhouse: ClickHouse,
  range: StatsRange,
  asked: {
    metrics: readonly string[];
    filter: Partial<Record<Dimension, string | undefined>>;
    groupBy: readonly Dimension[];
    withBins: boolean;
  },
): Promise<GroupStats[]> {
  const given = dimensions.filter(name => asked.filter[name] !== undefined);
  const by = dimensions.filter(name => asked.groupBy.includes(name));
  const columns = [...by, 'metric'].join(', ');
  const rows = await clickhouse.query<Row>(
    `SELECT ${columns}, arraySort(groupArray((seconds, n, sum, sum_sq, bins))) AS buckets FROM
     (
       SELECT ${columns}, toUnixTimestamp(bucket) AS seconds, sum(s.n) AS n, sum(s.sum) AS sum, sum(s.sum_sq) AS sum_sq,
         ${asked.withBins ? 'sumMap(s.histogram)' : 'map()::Map(Int16, UInt64)'} AS bins
       FROM call_stats_15m AS s FINAL
       WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime} AND s.n > 0
         AND metric IN {metrics:Array(String)} ${given.map(name => `AND ${name} = {${name}:String}`).join(' ')}
       GROUP BY ${columns}, bucket
     )
     GROUP BY ${columns} ORDER BY ${columns}`,
    {
      project: range.projectId,
      from: Math.floor(range.fromMs / 1000),
      to: Math.ceil(range.toMs / 1000),
      metrics: [...asked.metrics],
      ...Object.fromEntries(given.map(name => [name, asked.filter[name] ?? ''])),
    },
    { settings: alertLimits },
  );
  return rows.map(row => ({
    labels: Object.fromEntries(by.map(name => [name, row[name] ?? ''])),
    metric: row.metric,
    buckets: row.buckets.map(([seconds, n, sum, sumSq, bins]) => ({
      startMs: seconds * 1000,
      n: Number(n),
      sum,
      sumSq,
      bins: Object.fromEntries(Object.entries(bins).map(([bin, count]) => [bin, Number(count)])),
    })),
  }));
}

type Row = Partial<Record<Dimension, string>> & {
  metric: string;
  /** Bucket start in seconds, n, sum, sum of squares, histogram. */
  buckets: [number, string, number, number, Record<string, string>][];
};
