import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { type CallValuesOf, callValueParams, callValues } from './call-values.ts';
import { isoFromStore, isoToStore } from './time.ts';

export interface ExampleCall {
  traceId: string;
  spanId: string;
  /** ISO 8601. */
  startTime: string;
  /** The metric's value of this call, in the roll-up's scale; milliseconds for `latency`. */
  value: number;
  prompt: string;
  /** First characters of the answer; null when there is none. */
  answer: string | null;
}

/** Which calls to show: the extreme ones, or those nearest to a value. The newest of equals come first. */
export type Pick = { by: 'highest' } | { by: 'lowest' } | { by: 'nearest'; to: number };

const order = { highest: 'x DESC', lowest: 'x', nearest: 'abs(x - {nearest:Float64})' };

/** A few calls of a series in a time range; answers only when `texts`. */
export async function readExampleCalls(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  {
    fromMs,
    toMs,
    pick,
    limit,
    texts,
  }: { fromMs: number; toMs: number; pick: Pick; limit: number; texts: boolean },
): Promise<ExampleCall[]> {
  const sql = `
    SELECT trace_id, span_id, toString(at) AS start_time, x AS value, prompt
    FROM (${callValues(of.metric, ['trace_id', 'span_id', 'start_time', 'prompt'])})
    ORDER BY ${order[pick.by]}, at DESC
    LIMIT 1 BY trace_id, span_id
    LIMIT {limit:UInt32}`;
  const params = {
    ...callValueParams(of),
    from: isoToStore(fromMs),
    to: isoToStore(toMs),
    nearest: pick.by === 'nearest' ? pick.to : 0,
    limit,
  };
  type Row = { trace_id: string; span_id: string; start_time: string; value: number; prompt: string };
  const rows = await clickhouse.query<Row>(sql, params, { settings: alertLimits });
  const answers = texts ? await readAnswers(clickhouse, of.projectId, rows) : new Map<string, string>();
  return rows.map(row => ({
    traceId: row.trace_id,
    spanId: row.span_id,
    startTime: isoFromStore(row.start_time),
    value: row.value,
    prompt: row.prompt,
    answer: answers.get(`${row.trace_id}/${row.span_id}`) ?? null,
  }));
}

const answerLength = 280;

// The first text of the answer: messages come as [{role, parts: [{type, content}]}], a thought or a tool call may lead.
const ANSWERS = `
SELECT trace_id, span_id, substringUTF8(text, 1, ${answerLength}) AS answer
FROM
(
  SELECT trace_id, span_id,
    arrayFlatten(arrayMap(message -> JSONExtractArrayRaw(message, 'parts'), JSONExtractArrayRaw(output))) AS parts,
    arrayFirst(part -> JSONExtractString(part, 'type') = 'text' AND JSONExtractString(part, 'content') != '', parts) AS part,
    JSONExtractString(part, 'content') AS text
  FROM contents FINAL
  WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
    AND trace_id IN {traces:Array(String)} AND span_id IN {spans:Array(String)} AND output != ''
)
WHERE text != ''
ORDER BY trace_id, span_id`;

async function readAnswers(
  clickhouse: ClickHouse,
  projectId: string,
  calls: readonly { trace_id: string; span_id: string; start_time: string }[],
): Promise<Map<string, string>> {
  if (calls.length === 0) return new Map();
  const times = calls.map(call => Date.parse(isoFromStore(call.start_time)));
  const dayMs = 86_400_000;
  const params = {
    project: projectId,
    from: isoToStore(Math.min(...times) - dayMs),
    to: isoToStore(Math.max(...times) + dayMs),
    traces: calls.map(call => call.trace_id),
    spans: calls.map(call => call.span_id),
  };
  type Row = { trace_id: string; span_id: string; answer: string };
  const rows = await clickhouse.query<Row>(ANSWERS, params, { settings: alertLimits });
  return new Map(rows.map(row => [`${row.trace_id}/${row.span_id}`, row.answer]));
}
