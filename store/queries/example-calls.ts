import { alertLimits, type ClickHouse } from '../engine/client.ts';
import { type CallColumn, type CallValuesOf, callValueParams, callValues } from './call-values.ts';
import { isoFromStore, isoToStore } from './time.ts';

export interface ExampleCall {
  traceId: string;
  spanId: string;
  /** ISO 8601. */
  startTime: string;
  /** The metric's value of this call, in the roll-up's scale; milliseconds for `latency`. */
  value: number;
  prompt: string;
  promptName: string;
  tenant: string;
  /** 0 when unknown. */
  inputTokens: number;
}

/** Which calls to show: the extreme ones, or those nearest to a value. The newest of equals come first. */
type ExamplePick = { by: 'highest' } | { by: 'lowest' } | { by: 'nearest'; to: number };

const order = { highest: 'x DESC', lowest: 'x', nearest: 'abs(x - {nearest:Float64})' };

/** Calls of one trace that may come before another trace's: with a limit that is known beforehand nothing is sorted as a whole. */
const ofTrace = 20;

/** A few calls of a series in a time range, one of a trace. `only` narrows them to values of dimensions. */
export async function readExampleCalls(
  clickhouse: ClickHouse,
  of: CallValuesOf,
  {
    fromMs,
    toMs,
    pick,
    limit,
    only = [],
  }: {
    fromMs: number;
    toMs: number;
    pick: ExamplePick;
    limit: number;
    only?: readonly { dimension: CallColumn; value: string }[];
  },
): Promise<ExampleCall[]> {
  const columns = new Set<CallColumn>([
    'trace_id',
    'span_id',
    'start_time',
    'prompt',
    'tenant',
    'input_tokens',
  ]);
  for (const { dimension } of only) columns.add(dimension);
  const conditions = only.map(({ dimension }, index) => `AND ${dimension} = {only${index}:String}`);
  const sql = `
    SELECT trace_id, span_id, toString(at) AS start_time, x AS value, prompt, tenant, toFloat64(input_tokens) AS input_tokens
    FROM
    (
      SELECT * FROM (${callValues(of.metric, [...columns])})
      WHERE 1 ${conditions.join(' ')}
      ORDER BY ${order[pick.by]}, at DESC, trace_id, span_id
      LIMIT {most:UInt32}
    )
    ORDER BY ${order[pick.by]}, at DESC, trace_id, span_id
    LIMIT 1 BY trace_id
    LIMIT {limit:UInt32}`;
  const params = {
    ...callValueParams(of),
    ...Object.fromEntries(only.map(({ value }, index) => [`only${index}`, value])),
    from: isoToStore(fromMs),
    to: isoToStore(toMs),
    nearest: pick.by === 'nearest' ? pick.to : 0,
    limit,
    most: ofTrace * limit,
  };
  type Row = {
    trace_id: string;
    span_id: string;
    start_time: string;
    value: number;
    prompt: string;
    tenant: string;
    input_tokens: number;
  };
  const rows = await clickhouse.query<Row>(sql, params, { settings: alertLimits });
  return rows.map(row => ({
    traceId: row.trace_id,
    spanId: row.span_id,
    startTime: isoFromStore(row.start_time),
    value: row.value,
    prompt: row.prompt,
    promptName: row.prompt.split(' ')[0]!,
    tenant: row.tenant,
    inputTokens: row.input_tokens,
  }));
}

const shownLength = 280;
/** As much of a question as it is compared by. */
const comparedLength = 1000;

// Messages come as [{role, parts: [{type, content}]}]; a thought or a tool call may lead, so the first text of a message counts.
const textOf = (message: string) => `JSONExtractString(arrayFirst(
  part -> JSONExtractString(part, 'type') = 'text' AND JSONExtractString(part, 'content') != '',
  JSONExtractArrayRaw(${message}, 'parts')), 'content')`;

const TEXTS = `
SELECT trace_id, span_id,
  substringUTF8(${textOf("arrayLast(message -> JSONExtractString(message, 'role') = 'user', JSONExtractArrayRaw(input))")}, 1, ${comparedLength}) AS asked,
  substringUTF8(arrayFirst(text -> text != '', arrayMap(message -> ${textOf('message')}, JSONExtractArrayRaw(output))), 1, ${shownLength}) AS answer
FROM contents FINAL
WHERE project_id = {project:String} AND time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}
  AND trace_id IN {traces:Array(String)} AND span_id IN {spans:Array(String)} AND (input != '' OR output != '')
ORDER BY time, record_id`;

interface ExampleText {
  /** What the user said last; null when there is none. */
  input: string | null;
  answer: string | null;
}

const dayMs = 86_400_000;

/** What was asked and answered in some calls, by `trace/span`. */
export async function readExampleTexts(
  clickhouse: ClickHouse,
  projectId: string,
  calls: readonly Pick<ExampleCall, 'traceId' | 'spanId' | 'startTime'>[],
): Promise<Map<string, ExampleText>> {
  if (calls.length === 0) return new Map();
  const times = calls.map(({ startTime }) => Date.parse(startTime));
  const params = {
    project: projectId,
    from: isoToStore(Math.min(...times) - dayMs),
    to: isoToStore(Math.max(...times) + dayMs),
    traces: calls.map(({ traceId }) => traceId),
    spans: calls.map(({ spanId }) => spanId),
  };
  type Row = { trace_id: string; span_id: string; asked: string; answer: string };
  const rows = await clickhouse.query<Row>(TEXTS, params, { settings: alertLimits });
  const texts = new Map<string, ExampleText>();
  for (const { trace_id, span_id, asked, answer } of rows) {
    const key = `${trace_id}/${span_id}`;
    const known = texts.get(key);
    texts.set(key, { input: known?.input ?? (asked || null), answer: known?.answer ?? (answer || null) });
  }
  return texts;
}
