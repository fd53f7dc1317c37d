import type { LogFacts, SpanFacts } from '../request/facts.ts';
import type { Accepted } from './inserter.ts';

/** Facts with the version of the row they came from. */
export interface Versioned<T> {
  facts: T;
  version: bigint;
}

/** A trace that has news since its calls were last derived, or a log record outside any trace. */
export interface OpenTrace {
  projectId: string;
  /** Empty for a log record outside any trace. */
  traceId: string;
  firstSeenMs: number;
  lastSeenMs: number;
  /** When its spans and records began, earliest and latest. */
  fromNs: bigint;
  toNs: bigint;
  spans: Map<string, Versioned<SpanFacts>>;
  logs: Map<string, Versioned<LogFacts>>;
  /** Segments of the log that must stay until the calls are stored; one hold each. */
  segments: Set<number>;
  /** Whether the store may hold something of it that is not here. */
  mayBeStored: boolean;
}

export interface SegmentHolds {
  hold(segment: number): void;
  release(segment: number): void;
}

/** Waiting times before the calls of a trace are derived. */
export interface Patience {
  /** Without news for this long, when every parent is here; a trace whose root still runs is about to have news. */
  quietMs: number;
  /** At the latest, since the first news. */
  longestMs: number;
}

/** Traces waiting to become quiet. */
export class OpenTraces {
  private readonly traces = new Map<string, OpenTrace>();
  private readonly holds: SegmentHolds;
  private readonly opened: (traceId: string, nowMs: number) => boolean;
  private spanCount = 0;

  /** `opened` is told of every trace that opens and answers whether the store may hold something of it. */
  constructor(holds: SegmentHolds, opened: (traceId: string, nowMs: number) => boolean) {
    this.holds = holds;
    this.opened = opened;
  }

  /** Spans and records held in memory. */
  get items(): number {
    return this.spanCount;
  }

  get size(): number {
    return this.traces.size;
  }

  /** Notes what has been stored. Log records that say nothing about a call need no settling. */
  see({ batch, receivedAtMs, segment }: Accepted, nowMs: number): void {
    const version = BigInt(receivedAtMs) * 1000n;
    for (const { span, facts } of batch.spans) {
      const trace = this.open(batch.projectId, span.traceId, span.traceId, span.startNs, segment, nowMs);
      this.keep(trace.spans, span.spanId, { facts, version });
    }
    for (const { log, facts } of batch.logs) {
      if (facts === null) continue;
      const key = log.traceId || `log:${log.logId}`;
      const trace = this.open(batch.projectId, key, log.traceId, log.timeNs, segment, nowMs);
      this.keep(trace.logs, log.logId, { facts, version });
    }
  }

  /** Removes and returns the traces whose time has come, oldest news first; all of them when `nowMs` is infinite. */
  takeDue(nowMs: number, { quietMs, longestMs }: Patience): OpenTrace[] {
    const due: OpenTrace[] = [];
    for (const [key, trace] of this.traces) {
      const isQuiet = nowMs - trace.lastSeenMs >= quietMs && hasItsParents(trace);
      if (!isQuiet && nowMs - trace.firstSeenMs < longestMs) continue;
      this.traces.delete(key);
      this.spanCount -= trace.spans.size + trace.logs.size;
      due.push(trace);
    }
    return due;
  }

  private open(
    projectId: string,
    key: string,
    traceId: string,
    timeNs: bigint,
    segment: number,
    nowMs: number,
  ): OpenTrace {
    const id = `${projectId}\0${key}`;
    let trace = this.traces.get(id);
    if (!trace) {
      trace = {
        projectId,
        traceId,
        firstSeenMs: nowMs,
        lastSeenMs: nowMs,
        fromNs: timeNs,
        toNs: timeNs,
        spans: new Map(),
        logs: new Map(),
        segments: new Set(),
        mayBeStored: this.opened(traceId, nowMs),
      };
      this.traces.set(id, trace);
    }
    trace.lastSeenMs = nowMs;
    if (timeNs < trace.fromNs) trace.fromNs = timeNs;
    if (timeNs > trace.toNs) trace.toNs = timeNs;
    if (!trace.segments.has(segment)) {
      trace.segments.add(segment);
      this.holds.hold(segment);
    }
    return trace;
  }

  private keep<T>(map: Map<string, Versioned<T>>, id: string, item: Versioned<T>): void {
    const known = map.get(id);
    if (!known) this.spanCount++;
    if (!known || item.version >= known.version) map.set(id, item);
  }
}

/** False while a span names a parent that has not come: it may bring what the calls below it inherit. */
function hasItsParents({ spans }: OpenTrace): boolean {
  for (const { facts } of spans.values()) {
    if (facts.parentSpanId !== '' && !spans.has(facts.parentSpanId)) return false;
  }
  return true;
}
