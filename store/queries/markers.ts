import type { Condition } from '#contract/dimension.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { promptOf, whereSql } from './where.ts';

export interface FirstSight {
  kind: 'prompt' | 'model' | 'release';
  value: string;
  feature: string;
  /** Start of the first call that shows it, ISO 8601. */
  at: string;
}

/** A value counts as new when its feature was seen without it for at least this long. */
const SETTLED_MS = 86_400_000;
/** How far back "never before" looks. */
const MEMORY_MS = 90 * 86_400_000;

/**
 * First sights of a model, prompt version or release within [fromMs, toMs), oldest first. What a feature starts with is
 * not news: a first sight counts only after a day of the feature without it. One stray call is not enough either.
 */
export async function firstSights(
  clickhouse: ClickHouse,
  range: { projectId: string; fromMs: number; toMs: number; where: readonly Condition[] },
): Promise<FirstSight[]> {
  const where = whereSql(range.where);
  const rows = await clickhouse.query<Omit<FirstSight, 'at'> & { first: string }>(
    `WITH features AS (SELECT feature, min(start_time) AS begin FROM calls
       WHERE project_id = {project:String} AND start_time >= {memory:DateTime64(3)} GROUP BY feature)
     SELECT kind, value, seen.feature AS feature, toString(seen.first) AS first
     FROM
     (
       SELECT item.1 AS kind, item.2 AS value, feature, min(start_time) AS first, count() AS sights
       FROM calls FINAL
       ARRAY JOIN [('prompt', if(prompt_version = '', '', ${promptOf})), ('model', model), ('release', release)] AS item
       WHERE project_id = {project:String} AND start_time >= {memory:DateTime64(3)} AND start_time < {to:DateTime64(3)}
         AND item.2 != '' ${where.sql}
       GROUP BY kind, value, feature
     ) AS seen
     INNER JOIN features ON features.feature = seen.feature
     WHERE seen.first >= {from:DateTime64(3)} AND seen.sights >= 3
       AND seen.first >= features.begin + toIntervalMillisecond({settled:UInt64})
     ORDER BY seen.first LIMIT 200`,
    {
      ...where.params,
      project: range.projectId,
      from: isoToStore(range.fromMs),
      to: isoToStore(range.toMs),
      memory: isoToStore(range.fromMs - MEMORY_MS),
      settled: SETTLED_MS,
    },
    { settings: alertLimits },
  );
  return rows.map(({ first, ...sight }) => ({ ...sight, at: isoFromStore(first) }));
}
