import type { StoredLog, StoredSpan } from '#store/queries/trace-facts.ts';
import type { LogFacts, SpanFacts } from '../request/facts.ts';
import { decodeFacts, decodeLogFacts } from '../request/facts-json.ts';
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

/** Facts of a stored span; those of a plain one are made of its columns. */
export function factsOf(row: StoredSpan): SpanFacts {
  if (row.facts !== '') return decodeFacts(row.facts);
  const startNs = BigInt(row.start_ns);
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    startNs,
    endNs: startNs + BigInt(row.duration_ns),
    name: row.name,
    dialect: '',
    role: '',
    scopeName: row.scope_name,
    scopeVersion: row.scope_version,
    service: row.service,
    environment: row.environment,
    release: row.release,
    // Only calls are paired by process, and a plain span is none.
    resourceKey: '',
  };
}
