import type { Message } from '#contract/trace.ts';
import { alertLimits, type ClickHouse } from '../engine/client.ts';
import type { ContentRow } from '../rows.ts';
import type { CallToScore } from './calls-to-score.ts';
import { isoToStore } from './time.ts';

/** What is kept of a call's messages; a side without messages is null. */
export interface CallTexts {
  input: Message[] | null;
  output: Message[] | null;
  /** Output of retrievals in the same trace, as they were sent. */
  retrieved: string[];
  /** JSON of the tools the model was given, as it was sent; null when nobody sent it. */
  tools: string | null;
}

type TextRow = Pick<ContentRow, 'trace_id' | 'span_id' | 'record_id' | 'input' | 'output'>;

const dayMs = 86_400_000;

/** By `trace/span` of the call; calls of which nothing is kept are missing. */
export async function textsOfCalls(
  clickhouse: ClickHouse,
  projectId: string,
  calls: readonly CallToScore[],
): Promise<Map<string, CallTexts>> {
  if (calls.length === 0) return new Map();
  const times = calls.map(call => call.startMs);
  const params = {
    project: projectId,
    from: isoToStore(Math.min(...times) - dayMs),
    to: isoToStore(Math.max(...times) + dayMs),
    traces: [
      ...new Set(calls.flatMap(call => [call.traceId, ...call.mergedFrom.map(path => path.split('/')[0]!)])),
    ],
  };
  const range = (column: string) => `project_id = {project:String} AND ${column} >= {from:DateTime64(3)}
    AND ${column} < {to:DateTime64(3)} AND trace_id IN {traces:Array(String)}`;
  const [texts, spans] = await Promise.all([
    clickhouse.query<TextRow>(
      `SELECT trace_id, span_id, record_id, input, output FROM contents FINAL WHERE ${range('time')}
       ORDER BY time, record_id`,
      params,
      { settings: alertLimits },
    ),
    clickhouse.query<{ trace_id: string; span_id: string; role: string; tools: string }>(
      `SELECT trace_id, span_id, role, ${toolsSent} AS tools FROM spans FINAL
       WHERE ${range('start_time')} AND (role = 'retrieval' OR tools != '') ORDER BY start_time`,
      params,
      { settings: alertLimits },
    ),
  ]);
  const bySpan = groupBy(texts, row => `${row.trace_id}/${row.span_id}`);
  const retrievals = groupBy(
    spans.filter(({ role }) => role === 'retrieval'),
    span => span.trace_id,
  );
  const toolsOf = new Map(spans.map(span => [`${span.trace_id}/${span.span_id}`, span.tools]));
  const all = new Map<string, CallTexts>();
  for (const call of calls) {
    const paths = [`${call.traceId}/${call.spanId}`, ...call.mergedFrom];
    const rows = paths.map(path => bySpan.get(path) ?? []);
    if (rows.every(list => list.length === 0)) continue;
    all.set(paths[0]!, {
      input: firstMessages(rows, 'input'),
      output: firstMessages(rows, 'output'),
      retrieved: (retrievals.get(call.traceId) ?? []).flatMap(span =>
        (bySpan.get(`${span.trace_id}/${span.span_id}`) ?? []).map(row => row.output),
      ),
      tools: paths.map(path => toolsOf.get(path)).find(Boolean) ?? null,
    });
  }
  return all;
}

/** In the order they come. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** SQL over `attributes` of a span: the tools its model was given, as JSON; '' when nobody sent it. */
export const toolsSent =
  "if(attributes['gen_ai.tool.definitions'] != '', attributes['gen_ai.tool.definitions'], attributes['ai.prompt.tools'])";

/** Of the call's own span first, then of those folded into it; records of one span together, after what the span says itself. */
function firstMessages(rows: readonly TextRow[][], side: 'input' | 'output'): Message[] | null {
  for (const list of rows) {
    const own = list.filter(row => row.record_id === '').flatMap(row => parse(row[side]));
    const logged = list.filter(row => row.record_id !== '').flatMap(row => parse(row[side]));
    const found = own.length > 0 ? own : logged;
    if (found.length > 0) return found;
  }
  return null;
}

function parse(json: string): Message[] {
  if (json === '') return [];
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? (value as Message[]) : [];
  } catch {
    return [];
  }
}
