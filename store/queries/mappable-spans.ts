import type { ClickHouse } from '../engine/client.ts';
import type { CallRow, SpanRow } from '../rows.ts';
import { newestCall } from './overview.ts';
import { isoFromStore, isoToStore } from './time.ts';

type LedgerWords = Pick<
  CallRow,
  | 'feature'
  | 'tenant'
  | 'team'
  | 'user'
  | 'session'
  | 'prompt_name'
  | 'prompt_version'
  | 'variant'
  | 'purpose'
>;

/** A span as a mapping sees it, beside what was made of it; empty strings are unknown. */
export interface MappableSpan {
  trace_id: string;
  span_id: string;
  name: string;
  service: string;
  /** ISO 8601. */
  start: string;
  attributes: Record<string, string>;
  resource: Record<string, string>;
  /** What the call says whose span this is, inherited values included; null when it is no call's. */
  ledger: LedgerWords | null;
  /** The ledger has no column for it: what was found in the span itself. */
  outcome: string;
}

interface CallKey extends LedgerWords {
  trace_id: string;
  span_id: string;
}

const spansShown = 20;
/** A busy service must not hide the others. */
const spansPerService = 5;
const dayMs = 86_400_000;
/** The newest calls are near the end: a longer look back is only taken when a shorter one finds few. */
const looksBackMs = [600_000, dayMs, 90 * dayMs];

/** The newest spans that stand for a call, at most 20 and 5 per service, newest first. */
export async function recentMappableSpans(
  clickhouse: ClickHouse,
  projectId: string,
): Promise<MappableSpan[]> {
  const newest = await newestCall(clickhouse, projectId);
  if (newest === null) return [];
  let calls: CallKey[] = [];
  for (const lookBackMs of looksBackMs) {
    calls = await clickhouse.query<CallKey>(RECENT, {
      project: projectId,
      from: isoToStore(Date.parse(newest) - lookBackMs),
    });
    if (calls.length === spansShown) break;
  }
  const traces = [...new Set(calls.map(call => call.trace_id))];
  const spans = await spansOf(clickhouse, projectId, traces, [...new Set(calls.map(call => call.span_id))]);
  const rows = new Map(spans.map(row => [`${row.trace_id}/${row.span_id}`, row]));
  return calls.flatMap(call => {
    const row = rows.get(`${call.trace_id}/${call.span_id}`);
    // A call that only log records told of has no span.
    return row ? [toMappable(row, call)] : [];
  });
}

/** The spans of one trace that stand for a call, or the one span named, call or not. */
export async function mappableSpansOf(
  clickhouse: ClickHouse,
  { projectId, traceId, spanId }: { projectId: string; traceId: string; spanId?: string },
): Promise<MappableSpan[]> {
  const calls = await clickhouse.query<CallKey>(OF_TRACE, { project: projectId, trace: traceId });
  const byId = new Map(calls.map(call => [call.span_id, call]));
  const wanted = spanId === undefined ? [...byId.keys()].slice(0, spansShown) : [spanId];
  const spans = await spansOf(clickhouse, projectId, [traceId], wanted);
  return spans.map(row => toMappable(row, byId.get(row.span_id)));
}

type ReadSpan = Pick<SpanRow, 'trace_id' | 'span_id' | 'name' | 'service' | 'attributes' | 'resource'> & {
  start: string;
  outcome: string;
};

async function spansOf(
  clickhouse: ClickHouse,
  projectId: string,
  traces: readonly string[],
  spans: readonly string[],
): Promise<ReadSpan[]> {
  if (spans.length === 0) return [];
  return clickhouse.query<ReadSpan>(SPANS, { project: projectId, traces, spans });
}

function toMappable(row: ReadSpan, call: CallKey | undefined): MappableSpan {
  const { trace_id, span_id, name, service, attributes, resource, outcome } = row;
  const start = isoFromStore(row.start);
  return { trace_id, span_id, name, service, start, attributes, resource, ledger: call ?? null, outcome };
}

const WORDS = `trace_id, span_id, feature, tenant, team, user, session, prompt_name, prompt_version, variant,
  purpose`;

const RECENT = `
SELECT ${WORDS} FROM calls FINAL
WHERE project_id = {project:String} AND start_time >= {from:DateTime64(3)}
ORDER BY start_time DESC, trace_id, span_id
LIMIT ${spansPerService} BY service
LIMIT ${spansShown}`;

const OF_TRACE = `
SELECT ${WORDS} FROM calls FINAL
WHERE project_id = {project:String} AND trace_id = {trace:String}
ORDER BY start_time, span_id
LIMIT 1000`;

// Each span once, also one that another hour has too since its start was in the future; see trace.ts.
const SPANS = `
SELECT trace_id, span_id, name, service, toString(start_time) AS start, attributes, resource, outcome
FROM
(
  SELECT *, JSONExtractString(facts, 'outcome') AS outcome FROM spans FINAL
  WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)} AND span_id IN {spans:Array(String)}
  ORDER BY version DESC LIMIT 1 BY trace_id, span_id
)
ORDER BY start_time, span_id
LIMIT 100`;
