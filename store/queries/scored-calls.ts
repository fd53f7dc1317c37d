/**
 * SQL of a subquery that resolves every score to at most one call, since a score may arrive before or after what it
 * judges and names a span, a response or a trace. Columns: everything of the call as `call_*` that is asked for, plus
 * `score_name`, `value`. In order of preference: the call with the score's span id; the call with its response id; the
 * last call of its trace. Of scores with one id the newest counts, whatever time they bear. Scores of sessions judge no
 * single call and are left out, scores without a value too.
 *
 * Parameters: {project:String}, {from:DateTime64(3)}, {to:DateTime64(3)} bound the calls. Traces are looked at a day to
 * either side, so that a trace that crosses the border is resolved alike from both. `condition` narrows the scores; `own` are
 * further columns of the score, under their names.
 */
export function scoredCalls(columns: readonly string[], condition = '', own: readonly string[] = []): string {
  const wanted = columns.map(column => `, ${column} AS call_${column}`).join('');
  const names = columns.map(column => `, call_${column}`).join('');
  const ownNames = own.map(column => `, ${column}`).join('');
  const chosen = [...columns.map(column => `call_${column}`), ...own]
    .map((column, at) => `, chosen.${at + 3} AS ${column}`)
    .join('');
  // An upper bound on a score's time would lose the late ones; the lower one only allows for clocks that disagree.
  const valued = `
    FROM scores FINAL
    WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} - INTERVAL 1 DAY
      AND target != 'session' ${condition}`;
  const judgements = `SELECT score_id, name AS score_name, value, trace_id, span_id, response_id, version ${ownNames} ${valued}`;
  // Few calls are judged: leaving the others out keeps the joined side small.
  const calls = (judged: string) => `
    SELECT trace_id AS of_trace, span_id AS of_span, response_id AS of_response, start_time AS of_time ${wanted}
    FROM calls FINAL
    WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL 1 DAY
      AND start_time < {to:DateTime64(3)} + INTERVAL 1 DAY
      AND ${judged} != '' AND ${judged} IN (SELECT ${judged} ${valued})`;
  return `
  SELECT score_name, assumeNotNull(chosen.1) AS value ${chosen}
  FROM
  (
    SELECT score_name, score_id,
      argMin((value, of_time ${names} ${ownNames}), (-toInt64(version), rank, -toUnixTimestamp64Nano(of_time))) AS chosen
    FROM
    (
      SELECT score_id, score_name, value, version, of_time ${names} ${ownNames},
        multiIf(j.span_id != '' AND j.span_id = of_span, 0, j.response_id != '' AND j.response_id = of_response, 1, 2) AS rank
      FROM (${judgements}) AS j INNER JOIN (${calls('trace_id')}) AS c ON j.trace_id = c.of_trace
      UNION ALL
      SELECT score_id, score_name, value, version, of_time ${names} ${ownNames}, 1 AS rank
      FROM (${judgements}) AS j INNER JOIN (${calls('response_id')}) AS c ON j.response_id = c.of_response
      WHERE j.trace_id != c.of_trace
    )
    GROUP BY score_name, score_id
  )
  WHERE isNotNull(chosen.1) AND chosen.2 >= {from:DateTime64(3)} AND chosen.2 < {to:DateTime64(3)}`;
}
