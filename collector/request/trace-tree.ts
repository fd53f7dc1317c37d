import type { SpanFacts } from './facts.ts';
import { encodeFacts } from './facts-json.ts';

/** The spans of some traces, each once, with the way up from every span. */
export interface TraceTree {
  /** By trace id, then span id: the order never depends on the order of arrival. */
  spans: readonly SpanFacts[];
  get(traceId: string, spanId: string): SpanFacts | undefined;
  /** Undefined for a root, for an orphan, and within a circle of parents: every way up ends. */
  parent(span: SpanFacts): SpanFacts | undefined;
  /** A value each span makes of its parent's; computed once per span, and only where asked for. */
  fromAbove<T>(make: (span: SpanFacts, above: T | undefined) => T): (span: SpanFacts) => T;
}

/** Names a span across traces: `trace_id/span_id`. */
export function spanKey(span: { traceId: string; spanId: string }): string {
  return `${span.traceId}/${span.spanId}`;
}

/** By trace id, then span id. */
export function byIds(
  a: { traceId: string; spanId: string },
  b: { traceId: string; spanId: string },
): number {
  if (a.traceId !== b.traceId) return a.traceId < b.traceId ? -1 : 1;
  if (a.spanId === b.spanId) return 0;
  return a.spanId < b.spanId ? -1 : 1;
}

/** Every span once, whatever the order and repetition of the given facts. */
export function traceTree(facts: Iterable<SpanFacts>): TraceTree {
  const byKey = new Map<string, SpanFacts>();
  for (const span of facts) {
    const key = spanKey(span);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? span : fuller(known, span));
  }
  const spans = [...byKey.values()].sort(byIds);
  const parents = withoutCircles(spans, span =>
    span.parentSpanId === '' ? undefined : byKey.get(`${span.traceId}/${span.parentSpanId}`),
  );
  // A copy of a span with other facts has the same parent.
  const parent = (span: SpanFacts) => parents.get(parents.has(span) ? span : byKey.get(spanKey(span))!);
  return {
    spans,
    get: (traceId, spanId) => byKey.get(`${traceId}/${spanId}`),
    parent,
    fromAbove: make => fromAbove(parent, make),
  };
}

/** The parent of each span; a span that is its own ancestor has none. */
function withoutCircles(
  spans: readonly SpanFacts[],
  parentOf: (span: SpanFacts) => SpanFacts | undefined,
): Map<SpanFacts, SpanFacts | undefined> {
  const parents = new Map<SpanFacts, SpanFacts | undefined>();
  for (const span of spans) {
    if (parents.has(span)) continue;
    const above = parentOf(span);
    // Nearly always: nothing above, or something whose way up is known to end.
    if (above === undefined || parents.has(above)) {
      parents.set(span, above);
      continue;
    }
    const path = new Set<SpanFacts>();
    let at: SpanFacts | undefined = span;
    while (at !== undefined && !parents.has(at) && !path.has(at)) {
      path.add(at);
      at = parentOf(at);
    }
    const circleStart = at !== undefined && path.has(at) ? at : undefined;
    let inCircle = false;
    for (const each of path) {
      inCircle ||= each === circleStart;
      parents.set(each, inCircle ? undefined : parentOf(each));
    }
  }
  return parents;
}

function fromAbove<T>(
  parent: (span: SpanFacts) => SpanFacts | undefined,
  make: (span: SpanFacts, above: T | undefined) => T,
): (span: SpanFacts) => T {
  const made = new Map<SpanFacts, T>();
  return span => {
    // Siblings ask for the same parent.
    const before = made.get(span);
    if (before !== undefined) return before;
    const path: SpanFacts[] = [];
    let at: SpanFacts | undefined = span;
    for (; at !== undefined && !made.has(at); at = parent(at)) path.push(at);
    let value = at === undefined ? undefined : made.get(at);
    for (const each of path.reverse()) {
      value = make(each, value);
      made.set(each, value);
    }
    return value as T;
  };
}

// A resend is the same span again. Should two versions differ, the one that ended later knows more; the last
// comparison only makes the choice the same in every order.
function fuller(a: SpanFacts, b: SpanFacts): SpanFacts {
  if (a === b) return a;
  if (a.endNs !== b.endNs) return a.endNs > b.endNs ? a : b;
  const [left, right] = [encodeFacts(a), encodeFacts(b)];
  if (left.length !== right.length) return left.length > right.length ? a : b;
  return left >= right ? a : b;
}
