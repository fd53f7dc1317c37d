import type { ClickHouse } from '../engine/client.ts';
import type { CallToScore } from './calls-to-score.ts';
import { scoredCalls } from './scored-calls.ts';
import { isoToStore } from './time.ts';

interface Question {
  projectId: string;
  /** Unix milliseconds, [fromMs, toMs), of the calls. */
  fromMs: number;
  toMs: number;
}

const paramsOf = ({ projectId, fromMs, toMs }: Question) => ({
  project: projectId,
  from: isoToStore(fromMs),
  to: isoToStore(toMs),
});

/** Scores that a judge gave to calls of a range, the most frequent first, with the versions that gave them. */
export async function judgedScores(
  clickhouse: ClickHouse,
  question: Question,
): Promise<{ score: string; scored: number; evaluators: string[] }[]> {
  const rows = await clickhouse.query<{ name: string; n: string; evaluators: string[] }>(
    `SELECT name, count() AS n, arraySort(groupUniqArrayIf(16)(evaluator, evaluator != '')) AS evaluators
     FROM scores FINAL
     WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)} + INTERVAL 1 DAY
       AND rater = 'judge' AND isNotNull(value)
     GROUP BY name ORDER BY n DESC, name LIMIT 20`,
    paramsOf(question),
  );
  return rows.map(({ name, n, evaluators }) => ({ score: name, scored: Number(n), evaluators }));
}

/** A call that the judge and a person scored, means where one did so more than once. */
export interface LabelledCall {
  /** First moment of the day in the zone, Unix seconds. */
  day: number;
  human: number;
  judge: number;
  /** Inverse of the chance with which it was chosen to be judged; 1 where nobody knows it. */
  weight: number;
}

/** What only the judge scored, as sums with those weights. */
export interface JudgedDay {
  day: number;
  n: number;
  w: number;
  wx: number;
  ww: number;
  wwx: number;
  wwxx: number;
}

export interface JudgedAndLabelled {
  labelled: LabelledCall[];
  unlabelled: JudgedDay[];
}

const mostLabels = 20_000;

/** Scores of one judge beside those of people on the same calls, by day of the zone. */
export async function readJudgedAndLabelled(
  clickhouse: ClickHouse,
  question: Question & { score: string; humanScore: string; zone: string },
): Promise<JudgedAndLabelled> {
  const params = {
    ...paramsOf(question),
    score: question.score,
    human: question.humanScore,
    zone: question.zone,
  };
  const scored = scoredCalls(
    ['trace_id', 'span_id', 'start_time'],
    'AND name IN ({score:String}, {human:String})',
    ['rater', 'inclusion_probability'],
  );
  const perCall = `
    SELECT toUnixTimestamp(toStartOfDay(toTimeZone(any(call_start_time), {zone:String}))) AS day,
      avgIf(value, rater = 'judge' AND score_name = {score:String}) AS judge,
      avgIf(value, rater = 'human' AND score_name = {human:String}) AS human,
      ifNull(1 / anyIf(inclusion_probability, rater = 'judge'), 1) AS weight
    FROM (${scored})
    GROUP BY call_trace_id, call_span_id
    HAVING isFinite(judge)`;
  const [labelled, unlabelled] = await Promise.all([
    clickhouse.query<LabelledCall>(
      `SELECT * FROM (${perCall}) WHERE isFinite(human) ORDER BY day LIMIT ${mostLabels}`,
      params,
    ),
    clickhouse.query<Record<keyof JudgedDay, string | number>>(
      `SELECT day, count() AS n, sum(weight) AS w, sum(weight * judge) AS wx, sum(weight * weight) AS ww,
         sum(weight * weight * judge) AS wwx, sum(weight * weight * judge * judge) AS wwxx
       FROM (${perCall}) WHERE NOT isFinite(human) GROUP BY day ORDER BY day`,
      params,
    ),
  ]);
  return {
    labelled,
    unlabelled: unlabelled.map(({ day, n, w, wx, ww, wwx, wwxx }) => ({
      day: Number(day),
      n: Number(n),
      w: Number(w),
      wx: Number(wx),
      ww: Number(ww),
      wwx: Number(wwx),
      wwxx: Number(wwxx),
    })),
  };
}

/** A scored call with its score. */
export interface CallOnScale extends CallToScore {
  score: number;
}

/**
 * Calls that a judge, or people, scored between 0 and 1, spread evenly over the values, the newest of each fifth first. `score` null: any,
 * the newest of each call.
 */
export async function callsOverScale(
  clickhouse: ClickHouse,
  question: Question & { score: string | null; rater: 'judge' | 'human'; limit: number },
): Promise<CallOnScale[]> {
  const columns = ['trace_id', 'span_id', 'start_time', 'feature', 'model', 'finish_reason', 'merged_from'];
  const named = question.score === null ? '' : 'AND name = {score:String}';
  const rows = await clickhouse.query<{
    value: number;
    call_trace_id: string;
    call_span_id: string;
    start: string;
    start_ms: string;
    call_feature: string;
    call_model: string;
    call_finish_reason: string;
    call_merged_from: string[];
  }>(
    `SELECT *, toString(call_start_time) AS start, toString(toUnixTimestamp64Milli(call_start_time)) AS start_ms FROM
     (
       SELECT *, row_number() OVER (PARTITION BY least(4, floor(value * 5)) ORDER BY call_start_time DESC) AS place
       FROM (SELECT * FROM (${scoredCalls(columns, named, ['rater', 'time'])})
         WHERE rater = {rater:String} AND value >= 0 AND value <= 1
         ORDER BY time DESC LIMIT 1 BY call_trace_id, call_span_id)
     )
     ORDER BY place, call_trace_id LIMIT {limit:UInt32}`,
    {
      ...paramsOf(question),
      score: question.score ?? '',
      rater: question.rater,
      limit: question.limit,
    },
  );
  return rows.map(row => ({
    score: row.value,
    traceId: row.call_trace_id,
    spanId: row.call_span_id,
    startTime: row.start,
    startMs: Number(row.start_ms),
    feature: row.call_feature,
    model: row.call_model,
    finishReason: row.call_finish_reason,
    mergedFrom: row.call_merged_from,
    dimensions: {},
  }));
}
