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
  finish_reason: 'finish_reason',
  error_type: 'error_type',
} as const;
/** Grouped as they are stored: making words of a million rows takes longer than reading them. */
const columnsOf: Record<keyof typeof kinds, readonly string[]> = {
  prompt: ['prompt_name', 'prompt_version'],
  model: ['model'],
  response_model: ['response_model', 'model'],
  release: ['release'],
  sdk: ['scope_name', 'scope_version'],
  variant: ['variant'],
  service_tier: ['service_tier'],
  price: ['price_version'],
  finish_reason: ['finish_reason'],
  error_type: ['error_type'],
};
const everyKind = [...(Object.keys(kinds) as (keyof typeof kinds)[]), 'tool'] as const;
type NearChangeKind = keyof typeof kinds | 'tool';

interface NearChange {
  kind: NearChangeKind;
  value: string;
  /** Start of the first call that shows it, ISO 8601. */
  at: string;
  /** Of the feature's calls from the change on, 0 to 1. */
  share: number;
}

const dayMs = 86_400_000;
/** How far back "never before" looks. */
const memoryMs = 30 * dayMs;
/** What was shown in these hours before is not new. */
const recentMs = 6 * 3_600_000;

/**
 * What calls of a feature in an environment showed for the first time within [fromMs, toMs), oldest first, and what share of
 * the calls in [changedMs, shareToMs) shows it. What the feature started with is not news, and one stray call is not enough.
 */
export async function nearChanges(clickhouse: ClickHouse, of: NearChangesOf): Promise<NearChange[]> {
  // A month of calls is gone through only for the kinds that show something which the hours before did not.
  const recent = await firstSights(clickhouse, of, { kinds: everyKind, memoryMs: recentMs });
  const shown = everyKind.filter(kind => recent.some(one => one.kind === kind));
  if (shown.length === 0) return [];
  const sights = await firstSights(clickhouse, of, { kinds: shown, memoryMs });
  return sights
    .filter(({ isNews }) => isNews === 1)
    .slice(0, mostChanges)
    .map(({ first, kind, value, share }) => ({ kind, value, share, at: isoFromStore(first) }));
}

const mostChanges = 100;

interface NearChangesOf {
  projectId: string;
  feature: string;
  environment: string;
  fromMs: number;
  toMs: number;
  changedMs: number;
  shareToMs: number;
}

interface FirstSight extends Omit<NearChange, 'at'> {
  first: string;
  /** Not what the feature started with. */
  isNews: 0 | 1;
}

/** Values that are seen at least three times and first within [fromMs, toMs), by what `memoryMs` before it shows; oldest first. */
async function firstSights(
  clickhouse: ClickHouse,
  of: NearChangesOf,
  asked: { kinds: readonly NearChangeKind[]; memoryMs: number },
): Promise<FirstSight[]> {
  const ofCalls = asked.kinds.filter(kind => kind !== 'tool');
  const columns = [...new Set(ofCalls.flatMap(kind => columnsOf[kind]))];
  const grouped = columns.length > 0 ? `GROUP BY ${columns.join(', ')}` : '';
  // All calls go along as a value of their own: a second look at what is `shown` would make it a second time.
  const items = ["('all', 'all')", ...ofCalls.map(kind => `('${kind}', toString(${kinds[kind]}))`)];
  const range = `project_id = {project:String} AND feature = {feature:String} AND environment = {environment:String}
    AND start_time >= {memory:DateTime64(3)} AND start_time < {until:DateTime64(3)}`;
  const later = 'start_time >= {changed:DateTime64(3)} AND start_time < {shareTo:DateTime64(3)}';
  const tools = `UNION ALL
       SELECT 'tool', toString(name), min(start_time), count(), uniqIf(trace_id, ${later})
       FROM tool_calls WHERE ${range} AND NOT is_deleted AND name != '' GROUP BY name`;
  return clickhouse.query<FirstSight>(
    `WITH shown AS
     (
       SELECT ${[...columns, ''].join(', ')} min(start_time) AS since, count() AS sights, countIf(${later}) AS later
       FROM calls WHERE ${range} AND NOT is_deleted ${grouped}
     )
     SELECT kind, value, toString(seen) AS first, least(1, later / greatest(1, calls)) AS share,
       seen >= toIntervalDay(1) + began AS isNews
     FROM
     (
      SELECT *, maxIf(seen, kind = 'all') OVER () AS began, maxIf(later, kind = 'all') OVER () AS calls
      FROM
      (
       SELECT item.1 AS kind, item.2 AS value, min(since) AS seen, sum(sights) AS sights, sum(later) AS later
       FROM shown ARRAY JOIN [${items.join(', ')}] AS item
       WHERE item.2 != ''
       GROUP BY kind, value
       ${asked.kinds.includes('tool') ? tools : ''}
      )
     )
     WHERE kind != 'all' AND seen >= {from:DateTime64(3)} AND seen < {to:DateTime64(3)} AND sights >= 3
     ORDER BY seen, kind, value`,
    {
      project: of.projectId,
      feature: of.feature,
      environment: of.environment,
      from: isoToStore(of.fromMs),
      to: isoToStore(of.toMs),
      changed: isoToStore(of.changedMs),
      shareTo: isoToStore(of.shareToMs),
      until: isoToStore(Math.max(of.toMs, of.shareToMs)),
      memory: isoToStore(of.fromMs - asked.memoryMs),
    },
    { settings: alertLimits },
  );
}
