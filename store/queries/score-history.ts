import type { Dimension } from '#contract/dimension.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import {
  readScoreNames,
  readScoreSums,
  type ScoreEstimateQuestion,
  type ScoreSumsRow,
} from './score-estimate.ts';
import { type SumsRow, scoreBuckets } from './score-sums.ts';
import { isoToStore } from './time.ts';
import { dimensionColumn, whereSql } from './where.ts';
import { isoInZone } from './zone-time.ts';

/** What score_stats_1h is keyed by besides project, name and hour. */
export const rolledColumns = [
  'feature',
  'tenant',
  'team',
  'environment',
  'service',
  'release',
  'provider',
  'model',
  'request_model',
  'response_model',
  'operation',
  'prompt_name',
  'prompt_version',
  'variant',
] as const;

const rolledDimensions: ReadonlySet<Dimension> = new Set([...rolledColumns, 'prompt'] as Dimension[]);

const hourMs = 3_600_000;
/** Of shorter ranges the calls themselves are read: they are exact to the second. */
const shortestMs = 48 * hourMs;
/** Groups of one part; what is beyond them would be beyond any limit. */
const mostOfPart = 50_000;

/**
 * As `readScoreSums`, but for whole hours before `rolledUntilMs` from their sums, which a late score reaches within a minute. Null: there are
 * no such sums yet. Questions that hours cannot answer (users, sessions, quarters of an hour) read the calls.
 */
export async function readScoreHistory(
  clickhouse: ClickHouse,
  question: ScoreEstimateQuestion,
  rolledUntilMs: number | null,
): Promise<ScoreSumsRow[]> {
  const fromMs = Math.ceil(question.fromMs / hourMs) * hourMs;
  const toMs = Math.floor(Math.min(question.toMs, rolledUntilMs ?? 0) / hourMs) * hourMs;
  if (toMs - fromMs < shortestMs || !hoursAnswer(question)) return readScoreSums(clickhouse, question);
  const part = (from: number, to: number) =>
    from < to
      ? readScoreSums(clickhouse, { ...question, fromMs: from, toMs: to, limit: mostOfPart })
      : Promise.resolve([]);
  const parts = await Promise.all([
    part(question.fromMs, fromMs),
    readRolled(clickhouse, { ...question, fromMs, toMs, limit: mostOfPart }),
    part(toMs, question.toMs),
  ]);
  const byTime = (row: ScoreSumsRow) => (row.time === null ? 0 : Date.parse(row.time));
  return addedUp(parts.flat())
    .sort((a, b) => byTime(a) - byTime(b) || b.calls - a.calls)
    .slice(0, question.limit + 1);
}

/** Names are counted one by one in ranges up to this. */
const countedMs = 35 * 24 * hourMs;

/**
 * Names of scores of a range with how many there are, most frequent first, as `readScoreNames`; of a long range counts are those of whole
 * hours, and evaluators those of its last weeks.
 */
export async function readScoreNamesOfHistory(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: Pick<ScoreEstimateQuestion, 'projectId' | 'fromMs' | 'toMs'>,
  rolledUntilMs: number | null,
): Promise<{ name: string; n: number; evaluators: string[] }[]> {
  if (rolledUntilMs === null || toMs - fromMs <= countedMs)
    return readScoreNames(clickhouse, { projectId, fromMs, toMs });
  const [recent, rows] = await Promise.all([
    readScoreNames(clickhouse, { projectId, fromMs: toMs - countedMs, toMs }),
    clickhouse.query<{ name: string; n: string }>(
      `SELECT name, sum(known_n + unknown_n) AS n FROM score_stats_1h FINAL
       WHERE project_id = {project:String} AND name != '' AND bucket >= toDateTime({from:DateTime64(3)})
         AND bucket < toDateTime({to:DateTime64(3)})
       GROUP BY name HAVING n > 0 ORDER BY n DESC, name LIMIT 200`,
      { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs) },
      { settings: { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 } },
    ),
  ]);
  const found = new Map(recent.map(one => [one.name, one]));
  for (const { name, n } of rows) {
    const known = found.get(name);
    found.set(name, { name, n: Math.max(Number(n), known?.n ?? 0), evaluators: known?.evaluators ?? [] });
  }
  return [...found.values()].sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
}

function hoursAnswer({ groupBy, where, interval, tz, fromMs, toMs }: ScoreEstimateQuestion): boolean {
  const named = [...groupBy, ...where.map(({ dimension }) => dimension)];
  if (!named.every(name => rolledDimensions.has(name)) || interval === '15m') return false;
  // A bucket of another zone must begin with an hour of UTC, now and on the other side of a change of clocks.
  const offsets = [fromMs, (fromMs + toMs) / 2, toMs].map(ms => isoInZone(ms, tz).slice(19));
  return interval === undefined || offsets.every(offset => /^(Z|[+-]\d\d:00)$/.test(offset));
}

const weighted = ['n', 'x', 'w', 'wx', 'wxx', 'ww', 'wwx', 'wwxx'] as const;

async function readRolled(
  clickhouse: ClickHouse,
  { projectId, score, groupBy, interval, fromMs, toMs, tz, limit, ...question }: ScoreEstimateQuestion,
): Promise<ScoreSumsRow[]> {
  const where = whereSql(question.where);
  const keys = [
    ...groupBy.map((dimension, at) => `${dimensionColumn(dimension)} AS k${at}, `),
    ...(interval ? [`toUnixTimestamp(${scoreBuckets[interval]}) AS bucket, `] : []),
  ].join('');
  const names = [...groupBy.map((_, at) => `k${at}`), ...(interval ? ['bucket'] : [])];
  const rows = await clickhouse.query<Record<string, string | number>>(
    `SELECT ${keys} sumIf(calls, name = '') AS all_calls, sumIf(calls, name != '') AS scored_calls,
       ${weighted.map(part => `sum(known_${part}) AS sum_known_${part}`).join(', ')},
       sum(unknown_n) AS sum_unknown_n, sum(unknown_x) AS sum_unknown_x, sum(unknown_xx) AS sum_unknown_xx,
       ${['known', 'unknown'].map(part => `minIf(${part}_min, ${part}_n > 0) AS min_${part}, maxIf(${part}_max, ${part}_n > 0) AS max_${part}`).join(', ')}
     FROM
     (
       SELECT * EXCEPT (bucket), bucket AS start_time FROM score_stats_1h FINAL
       WHERE project_id = {project:String} AND name IN ('', {score:String})
         AND bucket >= toDateTime({from:DateTime64(3)}) AND bucket < toDateTime({to:DateTime64(3)})
     )
     WHERE 1 ${where.sql}
     ${names.length > 0 ? `GROUP BY ${names.join(', ')}` : ''}
     HAVING all_calls > 0 OR scored_calls > 0
     ORDER BY all_calls DESC LIMIT {limit:UInt32}`,
    {
      ...where.params,
      ...{ project: projectId, score, tz, limit, from: isoToStore(fromMs), to: isoToStore(toMs) },
    },
    { settings: { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 } },
  );
  return rows.map(row => {
    const of = (column: string) => Number(row[column]);
    const [n, x, xx] = [of('sum_unknown_n'), of('sum_unknown_x'), of('sum_unknown_xx')];
    const known = Object.fromEntries(weighted.map(part => [part, of(`sum_known_${part}`)]));
    return {
      key: Object.fromEntries(groupBy.map((dimension, at) => [dimension, String(row[`k${at}`])])),
      time: interval ? isoInZone(of('bucket') * 1000, tz) : null,
      known: { ...known, min: of('min_known'), max: of('max_known') } as SumsRow,
      unknown: {
        ...{ n, x, w: n, wx: x, wxx: xx, ww: n, wwx: x, wwxx: xx },
        ...{ min: of('min_unknown'), max: of('max_unknown') },
      },
      scoredCalls: of('scored_calls'),
      calls: of('all_calls'),
    };
  });
}

/** What all rows come to together; undefined of none. */
export const totalOfSums = (rows: readonly ScoreSumsRow[]): ScoreSumsRow | undefined =>
  addedUp(rows.map(row => ({ ...row, key: {}, time: null })))[0];

/** Rows of one group and bucket become one. */
function addedUp(rows: readonly ScoreSumsRow[]): ScoreSumsRow[] {
  const found = new Map<string, ScoreSumsRow>();
  for (const row of rows) {
    const place = JSON.stringify([row.time, row.key]);
    const before = found.get(place);
    if (!before) found.set(place, row);
    else
      found.set(place, {
        ...before,
        known: sumOf(before.known, row.known),
        unknown: sumOf(before.unknown, row.unknown),
        scoredCalls: before.scoredCalls + row.scoredCalls,
        calls: before.calls + row.calls,
      });
  }
  return [...found.values()];
}

function sumOf(one: SumsRow, other: SumsRow): SumsRow {
  if (one.n === 0) return other;
  if (other.n === 0) return one;
  const added = Object.fromEntries(weighted.map(part => [part, one[part] + other[part]]));
  return {
    ...added,
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
  } as SumsRow;
}
