import { alertLimits, type ClickHouse } from '../engine/client.ts';

/** Requests, distinct users and distinct sessions of one hour. */
export interface UsageHour {
  /** Start, Unix milliseconds. */
  hourMs: number;
  requests: number;
  users: number;
  sessions: number;
}

export interface UsageOfFeature {
  feature: string;
  environment: string;
  /** Those with requests, in time order. */
  hours: UsageHour[];
}

/** Usage of every feature and environment in [fromMs, toMs), whole hours. */
export async function readUsage(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: { projectId: string; fromMs: number; toMs: number },
): Promise<UsageOfFeature[]> {
  const rows = await clickhouse.query<{
    feature: string;
    environment: string;
    hours: [number, string, string, string][];
  }>(
    `SELECT feature, environment,
       arraySort(groupArray((toUnixTimestamp(bucket), requests, users, sessions))) AS hours
     FROM usage_stats_1h FINAL
     WHERE project_id = {project:String} AND bucket >= {from:DateTime} AND bucket < {to:DateTime} AND requests > 0
     GROUP BY feature, environment ORDER BY feature, environment`,
    { project: projectId, from: Math.floor(fromMs / 1000), to: Math.floor(toMs / 1000) },
    { settings: alertLimits },
  );
  return rows.map(({ hours, ...name }) => ({
    ...name,
    hours: hours.map(([seconds, requests, users, sessions]) => ({
      hourMs: seconds * 1000,
      requests: Number(requests),
      users: Number(users),
      sessions: Number(sessions),
    })),
  }));
}
