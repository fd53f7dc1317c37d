import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { promptOf } from './where.ts';

const kinds = {
  prompt: promptOf,
  model: 'model',
  response_model: "if(response_model = model, '', response_model)",
  release: 'release',
  sdk: "trim(concat(scope_name, ' ', scope_version))",
  variant: 'variant',
  service_tier: 'service_tier',
  price: 'price_version',
} as const;
/** Grouped as they are stored: making words of a million rows takes longer than reading them. */
const columns =
  'prompt_name, prompt_version, model, response_model, release, scope_name, scope_version, variant, service_tier, price_version';
type NearChangeKind = keyof typeof kinds | 'deploy';

interface NearChange {
  kind: NearChangeKind;
  value: string;
  /** Start of the first call that shows it, ISO 8601. */
  at: string;
}

const dayMs = 86_400_000;
/** How far back "never before" looks. */
const memoryMs = 30 * dayMs;

/**
 * What calls of a feature in an environment showed for the first time within [fromMs, toMs), oldest first. What it started with
 * is not news, and one stray call is not enough. Each kind has a column of its own to read: a month of a large feature takes
 * well under a second.
 */
export async function nearChanges(
  clickhouse: ClickHouse,
  of: { projectId: string; feature: string; environment: string; fromMs: number; toMs: number },
): Promise<NearChange[]> {
  const items = Object.entries(kinds).map(([kind, column]) => `('${kind}', toString(${column}))`);
  const rows = await clickhouse.query<{ kind: NearChangeKind; value: string; first: string }>(
    `SELECT kind, value, toString(seen) AS first
     FROM
     (
       SELECT item.1 AS kind, item.2 AS value, min(since) AS seen, sum(sights) AS sights
       FROM
       (
         SELECT ${columns}, min(start_time) AS since, count() AS sights
         FROM calls
         WHERE project_id = {project:String} AND feature = {feature:String} AND environment = {environment:String}
           AND start_time >= {memory:DateTime64(3)} AND start_time < {to:DateTime64(3)} AND NOT is_deleted
         GROUP BY ${columns}
       )
       ARRAY JOIN [${items.join(', ')}] AS item
       WHERE item.2 != ''
       GROUP BY kind, value
     )
     WHERE seen >= {from:DateTime64(3)} AND sights >= 3 AND seen >= toIntervalDay(1) + (
       SELECT min(start_time) FROM calls
       WHERE project_id = {project:String} AND feature = {feature:String} AND environment = {environment:String}
         AND start_time >= {memory:DateTime64(3)})
     ORDER BY seen, kind, value LIMIT 100`,
    {
      project: of.projectId,
      feature: of.feature,
      environment: of.environment,
      from: isoToStore(of.fromMs),
      to: isoToStore(of.toMs),
      memory: isoToStore(of.fromMs - memoryMs),
    },
    { settings: alertLimits },
  );
  return rows.map(({ first, ...change }) => ({ ...change, at: isoFromStore(first) }));
}
