import type { SpanFacts } from './facts.ts';

/** One try at an operation, as told by one or more instrumentations. */
export interface Attempt {
  /** The span that is believed: identity, timing and tokens. */
  lead: SpanFacts;
  /** Spans that tell the same try again, nearest first; they fill in what the lead lacks. */
  covers: SpanFacts[];
}

/** One logical operation: its tries in order of time. The last one decides whether it failed. */
export interface Operation {
  attempts: [Attempt, ...Attempt[]];
  /** Spans that repeat this operation among others: listed as merged, never read. */
  folded: SpanFacts[];
}

/** The try that decided the outcome. */
export function lastAttempt(operation: Operation): Attempt {
  return operation.attempts.at(-1)!;
}

/** Whether any of the instrumentations saw the try fail. */
export function attemptFailed({ lead, covers }: Attempt): boolean {
  return lead.failed === true || covers.some(cover => cover.failed === true);
}

/** Earlier first; the ids only make the order complete. */
export function byStart(a: SpanFacts, b: SpanFacts): number {
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
  if (a.traceId !== b.traceId) return a.traceId < b.traceId ? -1 : 1;
  return a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0;
}

/** JavaScript clocks start spans on whole milliseconds and drift a little: children seem to outlive their parents. */
export const CLOCK_TOLERANCE_NS = 10_000_000n;
