import { alertLimits, type ClickHouse } from '../engine/client.ts';
import type { StatsRange, StatsSeries } from './stats.ts';

/** What a series of one metric brought, and since when (start of an hour). */
export interface SeriesTraffic extends StatsSeries {
  values: number;
  firstMs: number;
}

/** Values of every series of some metrics over whole hours. */
export async function readTraffic(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: StatsRange,
  metrics: readonly string[],
): Promise<SeriesTraffic[]> {
  if (metrics.length === 0) return [];
  const rows = await clickhouse.query<StatsSeries & { total: string; first: number }>(
    `SELECT feature, model, environment, metric, sum(n) AS total, toUnixTimestamp(min(bucket)) AS first
     FROM call_stats_1h FINAL
     WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime}
       AND metric IN {metrics:Array(String)}
     GROUP BY feature, model, environment, metric`,
    {
      project: projectId,
      from: Math.floor(fromMs / 1000),
      to: Math.floor(toMs / 1000),
      metrics: [...metrics],
    },
    { settings: alertLimits },
  );
  return rows.map(({ total, first, ...series }) => ({
    ...series,
    values: Number(total),
    firstMs: first * 1000,
  }));
}
