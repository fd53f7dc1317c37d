import type { SpanFacts } from './facts.ts';
import { encodeFacts } from './facts-json.ts';

/** No honest trace nests deeper; a longer chain of parents is cut, so that no input can keep us walking. */
const MAX_DEPTH = 512;

/** The spans of some traces, each once, with the way up from every span. */
export interface TraceTree {
  /** By trace id, then span id: the order never depends on the order of arrival. */
  spans: readonly SpanFacts[];
  get(traceId: string, spanId: string): SpanFacts | undefined;
  /** Nearest first; empty for a root, for an orphan, and within a circle of parents. */
  ancestors(span: SpanFacts): SpanFacts[];
}

/** Names a span across traces: `trace_id/span_id`. */
export function spanKey(span: { traceId: string; spanId: string }): string {
  return `${span.traceId}/${span.spanId}`;
}

/** Every span once, whatever the order and repetition of the given facts. */
export function traceTree(facts: Iterable<SpanFacts>): TraceTree {
  const byKey = new Map<string, SpanFacts>();
  for (const span of facts) {
    const key = spanKey(span);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? span : fuller(known, span));
  }
  const parentOf = (span: SpanFacts) =>
    span.parentSpanId === '' ? undefined : byKey.get(`${span.traceId}/${span.parentSpanId}`);
  return {
    spans: [...byKey.keys()].sort().map(key => byKey.get(key)!),
    get: (traceId, spanId) => byKey.get(`${traceId}/${spanId}`),
    ancestors: span => walkUp(span, parentOf),
  };
}

function walkUp(span: SpanFacts, parentOf: (span: SpanFacts) => SpanFacts | undefined): SpanFacts[] {
  const path: SpanFacts[] = [];
  for (let at = parentOf(span); at !== undefined && path.length < MAX_DEPTH; at = parentOf(at)) {
    if (at.spanId === span.spanId) return [];
    path.push(at);
  }
  return path;
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
