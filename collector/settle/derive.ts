import type { ClickHouse } from '#store/engine/client.ts';
import { type LedgerKey, ledgerKeys } from '#store/queries/ledger-keys.ts';
import { logsOfTraces, spansOfTraces, storeClock, type TraceRange } from '#store/queries/trace-facts.ts';
import { nanosFromClickhouse } from '#store/rows.ts';
import type { Call, ToolCall } from '../request/call.ts';
import { deriveCalls } from '../request/calls.ts';
import type { LogFacts, SpanFacts } from '../request/facts.ts';
import type { Deletion } from './call-block.ts';
import { KnownFacts } from './known-facts.ts';
import { earliest, findNeighbours, latest } from './neighbours.ts';
import type { OpenTrace } from './open-traces.ts';

const dayNs = 86_400_000_000_000n;
const hourNs = 3_600_000_000_000n;
/** Calls are told twice, seldom three times; a longer chain is one we no longer believe. */
const maxHops = 8;

/** A fault of ours that trying again does not mend. */
export class DerivationFailed extends Error {
  override name = 'DerivationFailed';
}

/** What some traces have in the ledger, and what they no longer have. */
export interface Derived {
  calls: Call[];
  toolCalls: ToolCall[];
  deletedCalls: Deletion[];
  deletedToolCalls: Deletion[];
}

/**
 * The ledger entries of some traces of one project, whose spans are all in the store by now: what is derived from
 * everything known about them and their neighbours, and deletions for what an earlier derivation had and this one has not.
 *
 * The version is the store's clock before the first read. Of two collectors with the same trace, the one whose version is
 * higher has read later and so has seen at least the spans of the other; spans that come after its reads are settled by
 * whoever inserts them, with a higher version still.
 */
export async function deriveWithStore(
  clickhouse: ClickHouse,
  projectId: string,
  traces: readonly OpenTrace[],
): Promise<Derived & { version: bigint }> {
  const clock = await storeClock(clickhouse);
  const known = new KnownFacts();
  for (const trace of traces) known.addOpen(trace);
  await gather(clickhouse, projectId, known, traces);
  const range = rangeOf(projectId, known, traces);
  const [callKeys, toolKeys] = await Promise.all([
    ledgerKeys(clickhouse, 'calls', { ...range, spanIds: [...known.looseLogIds] }),
    ledgerKeys(clickhouse, 'tool_calls', range),
  ]);
  const { calls, toolCalls } = derive(known.allSpans(), known.allLogs());
  return {
    calls,
    toolCalls,
    deletedCalls: deletions(calls, callKeys),
    deletedToolCalls: deletions(toolCalls, toolKeys),
    version: newerThan(clock, [...callKeys, ...toolKeys]),
  };
}

/** The same for traces of which the store has nothing but what is in memory, and whose calls nobody else tells of. */
export function deriveFromMemory(traces: readonly OpenTrace[]): Derived {
  const spans: SpanFacts[] = [];
  const logs: LogFacts[] = [];
  for (const trace of traces) {
    for (const { facts } of trace.spans.values()) spans.push(facts);
    for (const { facts } of trace.logs.values()) logs.push(facts);
  }
  return { ...derive(spans, logs), deletedCalls: [], deletedToolCalls: [] };
}

function derive(spans: readonly SpanFacts[], logs: readonly LogFacts[]) {
  try {
    return deriveCalls(spans, logs);
  } catch (cause) {
    throw new DerivationFailed('the calls of some traces could not be derived', { cause });
  }
}

/** Reads the traces, then their neighbours, then theirs, until there are no new ones. */
async function gather(
  clickhouse: ClickHouse,
  projectId: string,
  known: KnownFacts,
  traces: readonly OpenTrace[],
): Promise<void> {
  await load(clickhouse, known, rangeOf(projectId, known, traces));
  let spans = known.allSpans();
  let logs = known.allLogs();
  for (let hop = 0; hop < maxHops; hop++) {
    const found = await findNeighbours(clickhouse, projectId, known, spans, logs);
    if (found.size === 0) return;
    const before = new Set(spans.map(span => span.traceId));
    await load(clickhouse, known, { ...rangeOf(projectId, known, traces), traceIds: [...found] });
    spans = known.allSpans().filter(span => found.has(span.traceId) && !before.has(span.traceId));
    logs = known.allLogs().filter(log => found.has(log.traceId));
  }
}

async function load(clickhouse: ClickHouse, known: KnownFacts, range: TraceRange): Promise<void> {
  if (range.traceIds.length === 0) return;
  const [spans, logs] = await Promise.all([
    spansOfTraces(clickhouse, range),
    logsOfTraces(clickhouse, range),
  ]);
  try {
    for (const row of spans) known.addSpan(row);
    for (const row of logs) known.addLog(row);
  } catch (cause) {
    throw new DerivationFailed('what is stored of some traces could not be read', { cause });
  }
}

/** Spans of a trace are sent up to a day apart, so they may also have begun that far from the ones we know. */
function rangeOf(projectId: string, known: KnownFacts, traces: readonly OpenTrace[]): TraceRange {
  const starts = [
    ...traces.flatMap(({ fromNs, toNs }) => [fromNs, toNs]),
    ...known.allSpans().map(s => s.startNs),
  ];
  return {
    projectId,
    traceIds: [...known.traceIds],
    fromNs: earliest(starts) - dayNs,
    toNs: latest(starts) + dayNs,
  };
}

/** Clocks of engines differ by a little and may step back; a row we have seen must lose all the same. */
function newerThan(clock: bigint, keys: readonly LedgerKey[]): bigint {
  return latest([clock, ...keys.map(({ newest }) => BigInt(newest) + 1n)]);
}

/** The hour is part of a row's identity in the store. */
function identity({ traceId, spanId, startNs }: Deletion): string {
  return `${traceId}/${spanId}/${startNs / hourNs}`;
}

function deletions(rows: readonly Deletion[], keys: readonly LedgerKey[]): Deletion[] {
  const derived = new Set(rows.map(identity));
  return keys
    .filter(({ gone }) => gone === 0)
    .map(key => ({
      traceId: key.trace_id,
      spanId: key.span_id,
      startNs: nanosFromClickhouse(key.newest_start),
    }))
    .filter(key => !derived.has(identity(key)));
}
