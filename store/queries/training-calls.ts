import type { Condition } from '#contract/dimension.ts';
import { feedbackNames } from '#contract/score.ts';
import type { ClickHouse } from '../engine/client.ts';
import { nanosFromClickhouse } from '../rows.ts';
import { answered, type CallToScore } from './calls-to-score.ts';
import { scoresOfCalls } from './review-scores-of-calls.ts';
import { isoToStore } from './time.ts';
import { whereSql } from './where.ts';

/** A call one may learn from, with what people and evaluators said of it. */
export interface TrainingCall extends CallToScore {
  /** Mean of the score that was asked for; null when the call has none. */
  mean: number | null;
  /** The better answer; '' without one. */
  correction: string;
  correctionId: string;
  /** Ids of the scores that were looked at. */
  scoreIds: string[];
}

export interface TrainingCallsOf {
  projectId: string;
  fromMs: number;
  toMs: number;
  conditions: readonly Condition[];
  /** '' does not look at scores. */
  score: string;
  /** Calls below it are left out unless they are corrected; null keeps them. */
  scoreAtLeast: number | null;
  correctedOnly: boolean;
  /** A score a call must have. */
  label: { name: string; value: string } | null;
  limit: number;
}

interface Row {
  trace_id: string;
  span_id: string;
  start: string;
  feature: string;
  model: string;
  merged_from: string[];
  mean: number | null;
  correction: string;
  correction_id: string;
  score_ids: string[];
}

// The newest correction of a person who was asked counts before that of a user.
const SAID = `
SELECT trace_id, span_id,
  if(countIf(name = {score:String} AND isNotNull(value)) = 0, NULL, avgIf(assumeNotNull(value), name = {score:String} AND isNotNull(value))) AS mean,
  argMaxIf((explanation, score_id), (rater = 'human', version), name = {correction:String} AND explanation != '') AS better,
  countIf({label_name:String} != '' AND name = {label_name:String} AND label = {label_value:String}) AS labelled,
  arraySort(groupUniqArray(score_id)) AS score_ids
FROM (${scoresOfCalls('AND name IN ({score:String}, {correction:String}, {label_name:String})')})
GROUP BY trace_id, span_id`;

/** Answered calls that were corrected or scored, in batches: corrected ones first, then the best, then the newest. */
export async function* trainingCalls(
  clickhouse: ClickHouse,
  asked: TrainingCallsOf,
  signal?: AbortSignal,
): AsyncGenerator<TrainingCall[]> {
  const { sql, params } = whereSql(asked.conditions);
  const { scoreAtLeast, label } = asked;
  const query = `
    SELECT trace_id, span_id, toString(start_time) AS start, feature, model, merged_from, mean,
      better.1 AS correction, better.2 AS correction_id, score_ids
    FROM
    (
      SELECT trace_id, span_id, start_time, feature, model, merged_from FROM calls FINAL
      WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}
        AND ${answered} ${sql}
    ) AS made
    INNER JOIN (${SAID}) AS said USING (trace_id, span_id)
    WHERE (correction != '' ${asked.correctedOnly ? '' : asked.score === '' ? 'OR labelled > 0' : 'OR isNotNull(mean)'})
      ${scoreAtLeast === null || asked.score === '' ? '' : "AND (correction != '' OR mean >= {at_least:Float64})"}
      ${label ? 'AND labelled > 0' : ''}
    ORDER BY correction != '' DESC, mean DESC, start_time DESC, trace_id, span_id
    LIMIT {limit:UInt32}`;
  const rows = clickhouse.stream<Row>(
    query,
    {
      ...params,
      project: asked.projectId,
      from: isoToStore(asked.fromMs),
      to: isoToStore(asked.toMs),
      score: asked.score,
      correction: feedbackNames.correction,
      label_name: label?.name ?? '',
      label_value: label?.value ?? '',
      at_least: scoreAtLeast ?? 0,
      limit: asked.limit,
    },
    { ...(signal && { signal }), settings: { max_execution_time: 60 } },
  );
  for await (const batch of rows) yield batch.map(toCall);
}

const toCall = (row: Row): TrainingCall => ({
  traceId: row.trace_id,
  spanId: row.span_id,
  startTime: row.start,
  startMs: Number(nanosFromClickhouse(row.start) / 1_000_000n),
  feature: row.feature,
  model: row.model,
  finishReason: '',
  mergedFrom: row.merged_from,
  dimensions: {},
  mean: row.mean,
  correction: row.correction,
  correctionId: row.correction_id,
  scoreIds: row.score_ids,
});
