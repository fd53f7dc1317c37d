import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { isoFromStore } from './time.ts';
import { promptOf } from './where.ts';

/** A value that calls or tools of a feature have shown. */
export interface ShownValue {
  feature: string;
  environment: string;
  kind: string;
  value: string;
}

export interface ValueSights extends ShownValue {
  /** Start of the first call that shows it, and of the first of the feature in that environment; ISO 8601. */
  firstAt: string;
  featureFirstAt: string;
  /** Start of the third call that shows it; null until then. */
  thirdAt: string | null;
}

const SHOWN = `arrayJoin([('model', if(response_model = '', model, response_model)),
  ('prompt', if(prompt_version = '', '', ${promptOf})), ('finish_reason', finish_reason), ('error_type', error_type)])`;

/** Values in what was stored since (microseconds since the epoch, decimal). */
export async function touchedValues(
  clickhouse: ClickHouse,
  { projectId, sinceStored, limit }: { projectId: string; sinceStored: string; limit: number },
): Promise<ShownValue[]> {
  return clickhouse.query<ShownValue>(
    `SELECT DISTINCT feature, environment, item.1 AS kind, item.2 AS value
     FROM (SELECT feature, environment, ${SHOWN} AS item FROM calls
       WHERE project_id = {project:String} AND stored_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC'))
     WHERE value != ''
     UNION DISTINCT
     SELECT DISTINCT feature, environment, 'tool', name FROM tool_calls
     WHERE project_id = {project:String} AND version >= {since:UInt64} AND name != ''
     LIMIT {limit:UInt32}`,
    { project: projectId, since: sinceStored, limit },
    { settings: alertLimits },
  );
}

/** When values were first and for the third time seen, in all that is stored. */
export async function sightsOf(
  clickhouse: ClickHouse,
  projectId: string,
  values: readonly ShownValue[],
): Promise<ValueSights[]> {
  if (values.length === 0) return [];
  const rows = await clickhouse.query<ShownValue & { first: string; begin: string; third: string }>(
    `WITH begins AS (SELECT feature, environment, min(start_time) AS begin FROM calls
       WHERE project_id = {project:String} AND feature IN {features:Array(String)} GROUP BY feature, environment)
     SELECT seen.feature AS feature, seen.environment AS environment, kind, value, toString(arrayElement(sights, 1)) AS first,
       if(length(sights) < 3, '', toString(arrayElement(sights, 3))) AS third, toString(begin) AS begin
     FROM
     (
       SELECT feature, environment, item.1 AS kind, item.2 AS value, groupArraySorted(3)(start_time) AS sights
       FROM
       (
         SELECT feature, environment, start_time, ${SHOWN} AS item FROM calls FINAL
         WHERE project_id = {project:String} AND feature IN {features:Array(String)}
         UNION ALL
         SELECT feature, environment, start_time, ('tool', name) FROM tool_calls FINAL
         WHERE project_id = {project:String} AND feature IN {features:Array(String)}
       )
       WHERE value IN {values:Array(String)}
       GROUP BY feature, environment, kind, value
     ) AS seen
     INNER JOIN begins ON begins.feature = seen.feature AND begins.environment = seen.environment`,
    {
      project: projectId,
      features: [...new Set(values.map(({ feature }) => feature))],
      values: [...new Set(values.map(({ value }) => value))],
    },
    { settings: alertLimits },
  );
  return rows.map(({ first, third, begin, ...value }) => ({
    ...value,
    firstAt: isoFromStore(first),
    featureFirstAt: isoFromStore(begin),
    thirdAt: third === '' ? null : isoFromStore(third),
  }));
}
