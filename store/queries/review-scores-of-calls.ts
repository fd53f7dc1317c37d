/**
 * SQL of a subquery with one row per score and the call it judges, also of scores that are words only: `trace_id`, `span_id`,
 * `score_id`, `name`, `value` (null for words), `label`, `explanation`, `evaluator`, `rater`, `version` (grows with time). Calls are found as `scoredCalls`
 * finds them: by span, by response, else the last call of the trace. `condition` narrows the scores.
 *
 * Parameters: {project:String}, {from:DateTime64(3)}, {to:DateTime64(3)} bound the calls.
 */
export function scoresOfCalls(condition = ''): string {
  const said = `
    FROM scores FINAL
    WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} - INTERVAL 1 DAY
      AND target != 'session' ${condition}`;
  const own = 'name, value, label, explanation, evaluator, rater';
  const scores = `SELECT score_id, trace_id, span_id, response_id, version, ${own} ${said}`;
  const calls = (judged: string) => `
    SELECT trace_id AS of_trace, span_id AS of_span, response_id AS of_response, start_time AS of_time
    FROM calls FINAL
    WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL 1 DAY
      AND start_time < {to:DateTime64(3)} + INTERVAL 1 DAY
      AND ${judged} != '' AND ${judged} IN (SELECT ${judged} ${said})`;
  return `
  SELECT score_id, chosen.1 AS trace_id, chosen.2 AS span_id, chosen.3 AS name, chosen.4 AS value, chosen.5 AS label,
    chosen.6 AS explanation, chosen.7 AS evaluator, chosen.8 AS rater, chosen.9 AS version
  FROM
  (
    SELECT score_id,
      argMin((of_trace, of_span, ${own}, version, of_time), (-toInt64(version), rank, -toUnixTimestamp64Nano(of_time))) AS chosen
    FROM
    (
      SELECT score_id, version, of_trace, of_span, of_time, ${own},
        multiIf(j.span_id != '' AND j.span_id = of_span, 0, j.response_id != '' AND j.response_id = of_response, 1, 2) AS rank
      FROM (${scores}) AS j INNER JOIN (${calls('trace_id')}) AS c ON j.trace_id = c.of_trace
      UNION ALL
      SELECT score_id, version, of_trace, of_span, of_time, ${own}, 1 AS rank
      FROM (${scores}) AS j INNER JOIN (${calls('response_id')}) AS c ON j.response_id = c.of_response
      WHERE j.trace_id != c.of_trace
    )
    GROUP BY score_id
  )
  WHERE chosen.10 >= {from:DateTime64(3)} AND chosen.10 < {to:DateTime64(3)}`;
}
