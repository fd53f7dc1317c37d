import type { Condition } from '#contract/dimension.ts';
import { feedbackNames } from '#contract/score.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { answered } from './calls-to-score.ts';
import { scoresOfCalls } from './review-scores-of-calls.ts';
import { isoFromStore, isoToStore } from './time.ts';
import { promptOf, whereSql } from './where.ts';

/** A call that somebody should look at, with what speaks for it. */
export interface ReviewCandidate {
  trace_id: string;
  span_id: string;
  /** ISO 8601. */
  call_time: string;
  feature: string;
  model: string;
  prompt: string;
  /** The lowest score, the widest gap, or the share of the sample the call is in. */
  figure: number;
  /** Who gave that score, who said the highest and the lowest, or what a user said. */
  words: string[];
}

export interface CandidatesOf {
  projectId: string;
  fromMs: number;
  toMs: number;
  conditions: readonly Condition[];
  limit: number;
}

interface Asked {
  sql: string;
  params: Record<string, unknown>;
  /** The most urgent first, where not all fit. */
  order?: string;
}

// What people said must not decide what people look at next.
const notPeople = "AND rater != 'human'";

/** Calls with a score of this name below a mark, the lowest first. */
export function lowScores(
  clickhouse: ClickHouse,
  of: CandidatesOf,
  { score, below }: { score: string; below: number },
): Promise<ReviewCandidate[]> {
  const sql = `
    SELECT trace_id, span_id, min(value) AS figure, [argMin(evaluator, value)] AS words
    FROM (${scoresOfCalls(`AND name = {score:String} AND isNotNull(value) ${notPeople}`)})
    GROUP BY trace_id, span_id HAVING figure < {below:Float64}`;
  return ask(clickhouse, of, { sql, params: { score, below }, order: 'figure' });
}

/** Calls of which scores differ by a gap or more, the widest first: one score by those who gave it, several by their names. */
export function disagreements(
  clickhouse: ClickHouse,
  of: CandidatesOf,
  { scores, gap }: { scores: readonly string[]; gap: number },
): Promise<ReviewCandidate[]> {
  const who = scores.length > 1 ? 'name' : "if(evaluator = '', 'unnamed', evaluator)";
  const sql = `
    SELECT trace_id, span_id, max(said) - min(said) AS figure, [argMax(who, said), argMin(who, said)] AS words
    FROM
    (
      SELECT trace_id, span_id, ${who} AS who, avg(value) AS said
      FROM (${scoresOfCalls(`AND name IN {scores:Array(String)} AND isNotNull(value) ${notPeople}`)})
      GROUP BY trace_id, span_id, who
    )
    GROUP BY trace_id, span_id HAVING count() > 1 AND figure >= {gap:Float64}`;
  return ask(clickhouse, of, { sql, params: { scores, gap }, order: 'figure DESC' });
}

/** Calls that users flagged or gave a thumb down, the newest first. */
export function flagged(clickhouse: ClickHouse, of: CandidatesOf): Promise<ReviewCandidate[]> {
  const complaint = `AND rater != 'human' AND (name = {flag:String} OR (name = {rating:String} AND ifNull(value, 0) < 0))`;
  const sql = `
    SELECT trace_id, span_id, 0 AS figure, groupUniqArray(5)(if(name = {flag:String} AND label != '', label, 'thumb down')) AS words
    FROM (${scoresOfCalls(complaint)})
    GROUP BY trace_id, span_id`;
  return ask(clickhouse, of, { sql, params: { flag: feedbackNames.flag, rating: feedbackNames.rating } });
}

/** Calls of one series, chosen by hash: the same ones however often one looks. */
export function callsOfSeries(
  clickhouse: ClickHouse,
  of: CandidatesOf,
  series: { feature: string; model: string; environment: string },
): Promise<ReviewCandidate[]> {
  const sql = `
    SELECT trace_id, span_id, 0 AS figure, emptyArrayString() AS words FROM calls FINAL
    WHERE ${inRange} AND feature = {feature:String} AND model = {model:String} AND environment = {environment:String}`;
  return ask(clickhouse, of, { sql, params: series, order: 'cityHash64(trace_id, span_id)' });
}

/** A share of all calls, chosen by hash: each call has that chance, whatever it says. */
export function sampled(
  clickhouse: ClickHouse,
  of: CandidatesOf,
  { share, conditions }: { share: number; conditions: readonly Condition[] },
): Promise<ReviewCandidate[]> {
  const { sql: narrowed, params } = whereSql(conditions);
  const own = Object.fromEntries(Object.entries(params).map(([name, value]) => [`of_${name}`, value]));
  // The top 53 bits are what a double holds.
  const chance = `bitShiftRight(cityHash64('review', trace_id, span_id), 11) / 9007199254740992`;
  const sql = `
    SELECT trace_id, span_id, {share:Float64} AS figure, emptyArrayString() AS words FROM calls FINAL
    WHERE ${inRange} ${narrowed.replaceAll('{where_', '{of_where_')} AND ${chance} < {share:Float64}`;
  return ask(clickhouse, of, { sql, params: { share, ...own }, order: chance });
}

const inRange = `project_id = {project:String} AND start_time >= {from:DateTime64(3)}
  AND start_time < {to:DateTime64(3)}`;

async function ask(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, conditions, limit }: CandidatesOf,
  { sql, params, order = 'start_time DESC' }: Asked,
): Promise<ReviewCandidate[]> {
  const { sql: narrowed, params: values } = whereSql(conditions);
  const rows = await clickhouse.query<ReviewCandidate>(
    `SELECT trace_id, span_id, toString(start_time) AS call_time, feature, model, ${promptOf} AS prompt,
       toFloat64(figure) AS figure, words
     FROM (SELECT * FROM calls FINAL WHERE ${inRange} AND ${answered} ${narrowed}) AS made
     INNER JOIN (${sql}) AS wanted USING (trace_id, span_id)
     ORDER BY ${order}, trace_id, span_id
     LIMIT {limit:UInt32}`,
    {
      ...values,
      ...params,
      project: projectId,
      from: isoToStore(fromMs),
      to: isoToStore(toMs),
      limit,
    },
    { settings: alertLimits },
  );
  return rows.map(row => ({ ...row, call_time: isoFromStore(row.call_time) }));
}

/** One call, the last of its trace unless a span is named; undefined when there is none. */
export async function callToReview(
  clickhouse: ClickHouse,
  { projectId, traceId, spanId = '' }: { projectId: string; traceId: string; spanId?: string | undefined },
): Promise<ReviewCandidate | undefined> {
  const [row] = await clickhouse.query<ReviewCandidate>(
    `SELECT trace_id, span_id, toString(start_time) AS call_time, feature, model, ${promptOf} AS prompt,
       0 AS figure, emptyArrayString() AS words
     FROM calls FINAL
     WHERE project_id = {project:String} AND trace_id = {trace:String} AND ({span:String} = '' OR span_id = {span:String})
     ORDER BY start_time DESC LIMIT 1`,
    { project: projectId, trace: traceId.toLowerCase(), span: spanId.toLowerCase() },
  );
  return row && { ...row, call_time: isoFromStore(row.call_time) };
}
