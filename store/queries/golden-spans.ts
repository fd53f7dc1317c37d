import type { ClickHouse } from '../engine/client.ts';
import { toolsSent } from './texts-of-calls.ts';
import { isoToStore } from './time.ts';

/** Attributes by which a span says to which case of which run it belongs. */
export const goldenAttributes = { run: 'driftline.golden.run', case: 'driftline.golden.case' } as const;

export interface GoldenSpan {
  trace_id: string;
  span_id: string;
  parent_span_id: string;
  /** '' when the span does not say. */
  case_id: string;
  start_time: string;
  duration_ms: number;
  failed: 0 | 1;
  status_message: string;
  /** JSON of the tools the model was given, as it was sent; '' when nobody sent it. */
  tools: string;
}

export interface GoldenCall {
  trace_id: string;
  span_id: string;
  start_time: string;
  duration_ms: number;
  failed: 0 | 1;
  error_type: string;
  error_message: string;
  input_tokens: string | null;
  output_tokens: string | null;
  cost_nanos: string | null;
  /** JSON messages; '' when the text is not kept. */
  output: string;
}

export interface GoldenTraces {
  spans: GoldenSpan[];
  calls: GoldenCall[];
}

const tagged = `attributes[{runKey:String}] = {run:String}`;
const range = `project_id = {project:String} AND TIME >= {from:DateTime64(3)} AND TIME < {to:DateTime64(3)}`;
const within = (time: string) => range.replaceAll('TIME', time);
const traces = `SELECT trace_id FROM spans WHERE ${within('start_time')} AND ${tagged}`;

const SPANS = `
SELECT trace_id, span_id, parent_span_id, if(${tagged}, attributes[{caseKey:String}], '') AS case_id,
  start_time, duration_ns / 1e6 AS duration_ms, status = 'error' AS failed, status_message,
  ${toolsSent} AS tools
FROM spans FINAL
WHERE ${within('start_time')} AND trace_id IN (${traces})
ORDER BY start_time, span_id
LIMIT 200000`;

const CALLS = `
SELECT trace_id, span_id, start_time, duration_ns / 1e6 AS duration_ms, failed, error_type,
  error_message, input_tokens, output_tokens, cost_nanos, texts.said AS output
FROM (SELECT * FROM calls FINAL WHERE ${within('start_time')} AND trace_id IN (${traces})) AS made
LEFT JOIN
(
  SELECT trace_id, span_id, argMax(output, (time, version)) AS said
  FROM contents FINAL
  WHERE ${within('time')} AND output != '' AND trace_id IN (${traces})
  GROUP BY trace_id, span_id
) AS texts USING (trace_id, span_id)
ORDER BY start_time, span_id
LIMIT 50000`;

/** Every span and call of the traces in which a span names the run; times are Unix milliseconds, [fromMs, toMs). */
export async function readGoldenTraces(
  clickhouse: ClickHouse,
  { projectId, runId, fromMs, toMs }: { projectId: string; runId: string; fromMs: number; toMs: number },
): Promise<GoldenTraces> {
  const params = {
    project: projectId,
    run: runId,
    runKey: goldenAttributes.run,
    caseKey: goldenAttributes.case,
    from: isoToStore(fromMs),
    to: isoToStore(toMs),
  };
  const [spans, calls] = await Promise.all([
    clickhouse.query<GoldenSpan>(SPANS, params),
    clickhouse.query<GoldenCall>(CALLS, params),
  ]);
  return { spans, calls };
}
