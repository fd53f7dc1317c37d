import { feedbackNames } from '#contract/score.ts';
import type { ClickHouse } from '../engine/client.ts';
import { isoToStore } from './time.ts';

/** A better answer somebody gave, and the call it corrects with the conversation up to it. */
export interface Correction {
  correction: string;
  trace_id: string;
  /** Empty when the call is not in the store (any more). */
  span_id: string;
  feature: string;
  /** JSON messages; '' when the text is not kept. */
  input: string;
}

const day = 'INTERVAL 1 DAY';
const CALLS = `
SELECT trace_id, span_id, response_id, feature, start_time FROM calls FINAL
WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)} - INTERVAL 14 DAY
  AND start_time < {to:DateTime64(3)} + ${day}`;

// The newest correction of each call; one of a whole trace is of its last call.
const SQL = `
WITH said AS
(
  SELECT explanation AS correction, trace_id AS of_trace, span_id AS of_span, response_id AS of_response, time
  FROM scores FINAL
  WHERE project_id = {project:String} AND name = {name:String} AND explanation != ''
    AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
  ORDER BY time DESC
  LIMIT {limit:UInt32}
),
found AS
(
  SELECT correction, time, trace_id, span_id, feature, start_time, said.of_span AS of_span
  FROM said INNER JOIN
    (SELECT * FROM (${CALLS}) WHERE trace_id IN (SELECT of_trace FROM said WHERE of_trace != '')) AS made
    ON said.of_trace = made.trace_id
  UNION ALL
  SELECT correction, time, trace_id, span_id, feature, start_time, '' AS of_span
  FROM (SELECT * FROM said WHERE of_trace = '' AND of_response != '') AS said INNER JOIN
    (SELECT * FROM (${CALLS}) WHERE response_id IN (SELECT of_response FROM said WHERE of_response != '')) AS made
    ON said.of_response = made.response_id
),
chosen AS
(
  SELECT correction, time, argMax((trace_id, span_id, feature), (span_id = of_span, start_time)) AS made
  FROM found GROUP BY correction, time
)
SELECT correction, made.1 AS trace_id, made.2 AS span_id, made.3 AS feature, texts.asked AS input
FROM chosen
LEFT JOIN
(
  SELECT trace_id AS t, span_id AS s, argMax(input, (time, version)) AS asked FROM contents FINAL
  WHERE project_id = {project:String} AND input != '' AND trace_id IN (SELECT trace_id FROM found)
  GROUP BY trace_id, span_id
) AS texts ON texts.t = chosen.made.1 AND texts.s = chosen.made.2
ORDER BY time`;

/** Newest of the range up to the limit, oldest first; corrections of unknown calls are not among them. */
export function readCorrections(
  clickhouse: ClickHouse,
  { projectId, fromMs, toMs, limit }: { projectId: string; fromMs: number; toMs: number; limit: number },
): Promise<Correction[]> {
  return clickhouse.query<Correction>(SQL, {
    project: projectId,
    name: feedbackNames.correction,
    from: isoToStore(fromMs),
    to: isoToStore(toMs),
    limit,
  });
}
