import { alertLimits, type ClickHouse } from '../engine/client.ts';
import type { StatsRange, StatsSeries } from './stats.ts';

/** Values of every series of some metrics over whole hours. */
export async function readTraffic(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: StatsRange,
  metrics: readonly string[],
): Promise<(StatsSeries & { values: number })[]> {
  if (metrics.length === 0) return [];
  const rows = await clickhouse.query<StatsSeries & { total: string }>(
    `SELECT feature, model, environment, metric, sum(n) AS total
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
  return rows.map(({ total, ...series }) => ({ ...series, values: Number(total) }));
}
