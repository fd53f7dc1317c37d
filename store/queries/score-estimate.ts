import type { Condition, Dimension } from '#contract/dimension.ts';
import { type ClickHouse, dashboardLimits } from '../engine/client.ts';
import { answered } from './calls-to-score.ts';
import { columnsOf, judgedCalls } from './judged-calls.ts';
import type { Interval } from './measures.ts';
import { type SumsRow, scoreBuckets, scoreSums, scoreSumsOf } from './score-sums.ts';
import { isoToStore } from './time.ts';
import { dimensionColumn, whereSql } from './where.ts';
import { isoInZone } from './zone-time.ts';

export interface ScoreEstimateQuestion {
  projectId: string;
  /** Name of the score. */
  score: string;
  groupBy: readonly Dimension[];
  interval?: Interval | undefined;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  where: readonly Condition[];
  /** IANA zone that decides the buckets. */
  tz: string;
  limit: number;
}

export interface ScoreSumsRow {
  key: Record<string, string>;
  /** Start of the bucket, ISO 8601 with the zone's offset; null without an interval. */
  time: string | null;
  /** Scores whose probability is known. */
  known: SumsRow;
  /** The others, each with weight 1. */
  unknown: SumsRow;
  /** Different calls that carry the score. */
  scoredCalls: number;
  /** Calls that an answer can be expected of. */
  calls: number;
}

const limits = { ...dashboardLimits, do_not_merge_across_partitions_select_final: 1 as const };

/**
 * What estimates are made of, by group and bucket; oldest bucket first, then the largest group. `limit + 1` rows mean there are more. Groups
 * without a score are there too, so that coverage can be told.
 */
export async function readScoreSums(
  clickhouse: ClickHouse,
  question: ScoreEstimateQuestion,
): Promise<ScoreSumsRow[]> {
  const { groupBy, interval, projectId, score, fromMs, toMs, tz, limit } = question;
  const where = whereSql(question.where);
  const columns = ['trace_id', 'span_id', ...columnsOf(groupBy, question.where)];
  const keys = [
    ...groupBy.map((dimension, at) => `${dimensionColumn(dimension)} AS k${at}`),
    ...(interval ? [`toUnixTimestamp(${scoreBuckets[interval]}) AS bucket`] : []),
  ];
  const names = [...groupBy.map((_, at) => `k${at}`), ...(interval ? ['bucket'] : [])];
  const list = keys.map(key => `${key}, `).join('');
  const by = names.length > 0 ? `GROUP BY ${names.join(', ')}` : '';
  const isKnown = 'isNotNull(probability) AND probability > 0';
  const params = {
    ...where.params,
    ...{ project: projectId, score, tz, limit: limit + 1, from: isoToStore(fromMs), to: isoToStore(toMs) },
  };
  type Row = Record<string, string | number | null>;
  const [scored, all] = await Promise.all([
    clickhouse.query<Row>(
      `SELECT ${list} uniqExact(trace_id, span_id) AS scored_calls,
         ${scoreSums('known', isKnown, '(1 / assumeNotNull(probability))')}, ${scoreSums('unknown', `NOT (${isKnown})`, '1.')}
       FROM (${judgedCalls(columns)})
       WHERE 1 ${where.sql} ${by}`,
      params,
      { settings: limits },
    ),
    clickhouse.query<Row>(
      `SELECT ${list} count() AS calls FROM calls FINAL
       WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
         AND ${answered} ${where.sql}
       ${by} ORDER BY ${interval ? 'bucket, ' : ''} calls DESC LIMIT {limit:UInt32}`,
      params,
      { settings: limits },
    ),
  ]);
  const placeOf = (row: Row) => JSON.stringify(names.map(name => row[name]));
  const scoredAt = new Map(scored.map(row => [placeOf(row), row]));
  const found = all.map(row => ({ ...scoredAt.get(placeOf(row)), ...row }));
  const places = new Set(all.map(placeOf));
  // Scores of calls that were not expected to have any, e.g. of failed ones.
  const others = scored.filter(row => !places.has(placeOf(row)));
  return [...found, ...others].slice(0, limit + 1).map(row => ({
    key: Object.fromEntries(groupBy.map((dimension, at) => [dimension, String(row[`k${at}`] ?? '')])),
    time: interval ? isoInZone(Number(row.bucket) * 1000, tz) : null,
    known: scoreSumsOf(row, 'known'),
    unknown: scoreSumsOf(row, 'unknown'),
    scoredCalls: Number(row.scored_calls ?? 0),
    calls: Number(row.calls ?? 0),
  }));
}

/** Scores with a value given in a range, or up to a day later: how many of each name, by which evaluators; most frequent first. */
export async function readScoreNames(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs }: Pick<ScoreEstimateQuestion, 'projectId' | 'fromMs' | 'toMs'>,
): Promise<{ name: string; n: number; evaluators: string[] }[]> {
  const rows = await clickhouse.query<{ name: string; n: string; evaluators: string[] }>(
    `SELECT name, count() AS n, arraySort(groupUniqArrayIf(20)(evaluator, evaluator != '')) AS evaluators
     FROM scores FINAL
     WHERE project_id = {project:String} AND isNotNull(value)
       AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)} + INTERVAL 1 DAY
     GROUP BY name ORDER BY n DESC, name LIMIT 200`,
    { project: projectId, from: isoToStore(fromMs), to: isoToStore(toMs) },
  );
  return rows.map(row => ({ ...row, n: Number(row.n) }));
}
