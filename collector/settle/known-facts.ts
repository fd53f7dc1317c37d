import type { StoredLog, StoredSpan } from '#store/queries/trace-facts.ts';
import { nanosFromClickhouse } from '#store/rows.ts';
import { flagsAttribute } from '../otlp/limits.ts';
import { describeSpan } from '../request/describe.ts';
import type { LogFacts, SpanFacts } from '../request/facts.ts';
import { decodeFacts, decodeLogFacts } from '../request/facts-json.ts';
import type { Attributes, Span, SpanEvent } from '../telemetry.ts';
import type { OpenTrace, Versioned } from './open-traces.ts';

/** Facts of some traces from memory and store, the newest version of each span and record. */
export class KnownFacts {
  readonly traceIds = new Set<string>();
  /** Ids of log records outside any trace. */
  readonly looseLogIds = new Set<string>();
  private readonly spans = new Map<string, Versioned<SpanFacts>>();
  private readonly logs = new Map<string, Versioned<LogFacts>>();

  addOpen(trace: OpenTrace): void {
    if (trace.traceId !== '') this.traceIds.add(trace.traceId);
    for (const [spanId, span] of trace.spans)
      keepNewer(this.spans, `${trace.traceId}/${spanId}`, span.version, () => span.facts);
    for (const [logId, log] of trace.logs) {
      if (trace.traceId === '') this.looseLogIds.add(logId);
      keepNewer(this.logs, logId, log.version, () => log.facts);
    }
  }

  addSpan(row: StoredSpan): void {
    this.traceIds.add(row.trace_id);
    keepNewer(this.spans, `${row.trace_id}/${row.span_id}`, BigInt(row.version), () => factsOf(row));
  }

  addLog(row: StoredLog): void {
    if (row.trace_id === '') this.looseLogIds.add(row.log_id);
    keepNewer(this.logs, row.log_id, BigInt(row.version), () => decodeLogFacts(row.facts));
  }

  allSpans(): SpanFacts[] {
    return [...this.spans.values()].map(({ facts }) => facts);
  }

  allLogs(): LogFacts[] {
    return [...this.logs.values()].map(({ facts }) => facts);
  }
}

function keepNewer<T>(map: Map<string, Versioned<T>>, key: string, version: bigint, read: () => T): void {
  const known = map.get(key);
  // Equal versions are the same span: what is in memory saves decoding the stored text.
  if (!known || version > known.version) map.set(key, { facts: read(), version });
}

/** Facts of a stored span: as stored, or read once more from what was stored of it. */
export function factsOf(row: StoredSpan): SpanFacts {
  return row.facts === '' ? describeSpan(spanOf(row)) : decodeFacts(row.facts);
}

function spanOf(row: StoredSpan): Span {
  const startNs = BigInt(row.start_ns);
  const { [flagsAttribute]: flags, ...attributes } = row.attributes;
  return {
    projectId: '',
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    name: row.name,
    kind: row.kind,
    startNs,
    endNs: startNs + BigInt(row.duration_ns),
    status: row.status,
    statusMessage: row.status_message,
    attributes,
    events: eventsOf(row.events),
    links: [],
    resource: {
      attributes: row.resource,
      // These three were found in the span or its resource when it came.
      service: row.service,
      environment: row.environment,
      release: row.release,
    },
    scope: { name: row.scope_name, version: row.scope_version },
    receivedAtMs: 0,
    flags: flags === undefined ? [] : flags.split(','),
  };
}

function eventsOf(text: string): SpanEvent[] {
  if (text === '[]' || text === '') return [];
  const events: { time: string; name: string; attributes: Attributes }[] = JSON.parse(text);
  return events.map(({ time, name, attributes }) => ({
    timeNs: nanosFromClickhouse(time),
    name,
    attributes,
  }));
}
