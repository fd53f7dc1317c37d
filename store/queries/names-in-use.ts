import type { ClickHouse } from '../engine/client.ts';

export interface NameInUse {
  projectId: string;
  kind: 'feature' | 'model';
  name: string;
  /** Time of its last call, in seconds. */
  lastUsedS: number;
}

/** Features and models of the calls of the last days; of more than `limit` in a project, those with the most calls. */
export function namesInUse(clickhouse: ClickHouse, days: number, limit: number): Promise<NameInUse[]> {
  return clickhouse.query<NameInUse>(NAMES, { days, limit });
}

/** Names of attributes of what a project received since a time; at most about `limit` of each. */
export function attributeNamesSince(
  clickhouse: ClickHouse,
  sinceMs: number,
  limit: number,
): Promise<{ projectId: string; names: string[] }[]> {
  const params = { since: Math.floor(sinceMs / 1000), limit };
  return clickhouse.query(ATTRIBUTE_NAMES, params, { settings: briefly });
}

/** What is found in this time is better than nothing, and nobody should wait longer. */
const briefly = { max_execution_time: 10, timeout_overflow_mode: 'break' } as const;

const NAMES = `
SELECT project_id AS projectId, kind, name, toUnixTimestamp(max(start_time)) AS lastUsedS
FROM calls ARRAY JOIN ['feature', 'model'] AS kind, [feature, model] AS name
WHERE start_time >= now() - toIntervalDay({days:UInt16}) AND is_deleted = 0 AND name != ''
GROUP BY projectId, kind, name
ORDER BY count() DESC
LIMIT {limit:UInt32} BY projectId, kind`;

// Later receipt of older spans is seldom, and reading all days for it would cost more than it is worth.
const ATTRIBUTE_NAMES = `
SELECT project_id AS projectId, groupUniqArrayArray({limit:UInt32})(names) AS names
FROM
(
    SELECT project_id, mapKeys(attributes) AS names FROM spans
    WHERE start_time >= toDateTime({since:UInt32}) - INTERVAL 1 DAY AND received_at >= toDateTime({since:UInt32})
    UNION ALL
    SELECT project_id, mapKeys(attributes) FROM logs
    WHERE time >= toDateTime({since:UInt32}) - INTERVAL 1 DAY AND received_at >= toDateTime({since:UInt32})
)
GROUP BY project_id`;
