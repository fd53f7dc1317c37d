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
  segments: number[];
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

/** Traces waiting to become quiet. Looking for those whose time has come costs what has come or had news, not what waits. */
export class OpenTraces {
  /** In the order they opened. */
  private readonly traces = new Map<string, OpenTrace>();
  /** Those whose news nobody has looked at, by id, oldest news first. */
  private readonly withNews = new Map<string, OpenTrace>();
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
    let trace: OpenTrace | null = null;
    for (const { span, facts } of batch.spans) {
      const { traceId, startNs } = span;
      // Spans of one trace come together.
      if (trace === null || trace.traceId !== traceId)
        trace = this.open(batch.projectId, traceId, traceId, startNs, segment, nowMs);
      else widen(trace, startNs);
      this.keep(trace.spans, span.spanId, { facts, version });
    }
    for (const { log, facts } of batch.logs) {
      if (facts === null) continue;
      const key = log.traceId || `log:${log.logId}`;
      const ofLog = this.open(batch.projectId, key, log.traceId, log.timeNs, segment, nowMs);
      if (ofLog.logs === noLogs) ofLog.logs = new Map();
      this.keep(ofLog.logs, log.logId, { facts, version });
    }
  }

  /**
   * Removes and yields the traces whose time has come; all of them when `nowMs` is infinite. More may be seen between two
   * steps.
   */
  *due(nowMs: number, { quietMs, longestMs }: Patience): Generator<OpenTrace> {
    for (const [id, trace] of this.traces) {
      if (isWithin(longestMs, trace.firstSeenMs, nowMs)) break;
      yield this.take(id, trace);
    }
    for (const [id, trace] of this.withNews) {
      if (isWithin(quietMs, trace.lastSeenMs, nowMs)) break;
      // Without a parent it waits for more news, or for the longest time.
      if (hasItsParents(trace)) yield this.take(id, trace);
      else this.withNews.delete(id);
    }
  }

  private take(id: string, trace: OpenTrace): OpenTrace {
    this.traces.delete(id);
    this.withNews.delete(id);
    this.spanCount -= itemsOf(trace);
    return trace;
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
        logs: noLogs,
        segments: [],
        mayBeStored: this.opened(traceId, nowMs),
      };
      this.traces.set(id, trace);
    }
    if (trace.lastSeenMs !== nowMs || !this.withNews.has(id)) {
      trace.lastSeenMs = nowMs;
      this.withNews.delete(id);
      this.withNews.set(id, trace);
    }
    widen(trace, timeNs);
    if (!trace.segments.includes(segment)) {
      trace.segments = [...trace.segments, segment];
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

/** Nearly all traces have none. */
const noLogs = new Map<string, Versioned<LogFacts>>();

function widen(trace: OpenTrace, timeNs: bigint): void {
  if (timeNs < trace.fromNs) trace.fromNs = timeNs;
  if (timeNs > trace.toNs) trace.toNs = timeNs;
}

/** What was seen later than now was seen before the clock was put back: it must not hold up what came after it. */
function isWithin(ms: number, seenMs: number, nowMs: number): boolean {
  return seenMs <= nowMs && nowMs - seenMs < ms;
}

/** Spans and records of it in memory. */
export function itemsOf({ spans, logs }: OpenTrace): number {
  return spans.size + logs.size;
}

/** False while a span names a parent that has not come: it may bring what the calls below it inherit. */
function hasItsParents({ spans }: OpenTrace): boolean {
  for (const { facts } of spans.values()) {
    if (facts.parentSpanId !== '' && !spans.has(facts.parentSpanId)) return false;
  }
  return true;
}
