import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { promptOf } from './where.ts';

/** Something new: the first call with this model, prompt version or release. */
export interface FirstSight {
  kind: 'model' | 'prompt' | 'release';
  value: string;
  /** ISO 8601. */
  at: string;
}

// Without FINAL: an older version of a call cannot make a first sight later, and reading is much cheaper.
const SQL = `
SELECT pair.1 AS kind, pair.2 AS value, toString(min(start_time)) AS at
FROM calls
ARRAY JOIN [('model', toString(model)), ('prompt', ${promptOf}), ('release', toString(release))] AS pair
WHERE project_id = {project:String} AND feature = {feature:String} AND environment = {environment:String}
  AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)} AND is_deleted = 0
GROUP BY kind, value
HAVING value != '' AND min(start_time) >= {new:DateTime64(3)}
ORDER BY min(start_time)
LIMIT 50`;

/** What a feature first used in [newFromMs, toMs), having been watched from `fromMs` on. */
export async function readFirstSights(
  clickhouse: ClickHouse,
  of: {
    projectId: string;
    feature: string;
    environment: string;
    fromMs: number;
    newFromMs: number;
    toMs: number;
  },
): Promise<FirstSight[]> {
  const rows = await clickhouse.query<FirstSight>(
    SQL,
    {
      project: of.projectId,
      feature: of.feature,
      environment: of.environment,
      from: isoToStore(of.fromMs),
      new: isoToStore(of.newFromMs),
      to: isoToStore(of.toMs),
    },
    { settings: alertLimits },
  );
  return rows.map(row => ({ ...row, at: isoFromStore(row.at) }));
}
