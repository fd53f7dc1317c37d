import type { KnownBefore } from '#store/queries/known-before.ts';
import { futureLimitMs } from '../otlp/limits.ts';
import { CallMemory } from './call-memory.ts';
import type { OpenTrace } from './open-traces.ts';
import { TraceMemory } from './trace-memory.ts';

/** Clocks of the hosts of one trace differ by less. */
const skewNs = 60_000_000_000n;

/**
 * What a collector that alone writes to its store knows about it without asking. Most traces come once and whole: then
 * the store holds nothing of them but what is in memory, and reading it back would cost more than all the rest.
 *
 * A trace needs the store when this process has stored spans of it before; when a parent, or the span of a record, is missing; when it began before
 * what this process remembers; or when another instrumentation may tell of its calls too. A span that was received before
 * `rememberedFromNs` began no later than that (the future is cut off on receipt), and spans do not begin before their
 * parents, so a trace that is whole and began later can have none.
 */
export class StoreKnowledge {
  private readonly traces: TraceMemory;
  private readonly calls = new CallMemory();
  private readonly startedMs: number;
  private readonly newestNs: bigint | null;

  constructor(before: KnownBefore, nowMs: number) {
    this.traces = new TraceMemory(nowMs);
    this.startedMs = nowMs;
    this.newestNs = before.newestNs;
    for (const caller of before.callers) this.calls.see(caller);
    if (before.hasLooseLogs) this.calls.seeLooseLog();
  }

  /** Whether the store may already hold something of this trace, which is about to be noted as stored. */
  opened(traceId: string, nowMs: number): boolean {
    return traceId === '' || this.traces.mayHoldThenAdd(traceId, nowMs);
  }

  /** Notes what the trace says, and whether its calls can only be known with the help of the store. */
  needsStore(trace: OpenTrace): boolean {
    let isWhole = true;
    let toldTwice = false;
    for (const { facts } of trace.spans.values()) {
      if (facts.parentSpanId !== '' && !trace.spans.has(facts.parentSpanId)) isWhole = false;
      toldTwice ||= this.calls.mayBeToldTwice(facts);
    }
    // A record comes when its call ends, which may be long after the call began and its span was stored.
    for (const { facts } of trace.logs.values()) if (!trace.spans.has(facts.spanId)) isWhole = false;
    return trace.mayBeStored || !isWhole || toldTwice || trace.fromNs <= this.rememberedFromNs;
  }

  /** Before settling: what all of them say counts for each of them. */
  note(trace: OpenTrace): void {
    for (const { facts } of trace.spans.values()) this.calls.seeFacts(facts);
    if (trace.traceId === '') this.calls.seeLooseLog();
  }

  private get rememberedFromNs(): bigint {
    const { sinceMs } = this.traces;
    const beforeNs = this.newestNs === null ? 0n : this.newestNs + skewNs;
    if (sinceMs === this.startedMs) return beforeNs;
    const forgottenNs = BigInt(sinceMs + futureLimitMs) * 1_000_000n;
    return forgottenNs > beforeNs ? forgottenNs : beforeNs;
  }
}
