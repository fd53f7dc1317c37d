import type { Role, SpanFacts } from './facts.ts';
import { hasUsage } from './tokens.ts';
import { spanKey, type TraceTree } from './trace-tree.ts';

/** Only these carry tokens and money. */
const callRoles: ReadonlySet<Role> = new Set(['model_call', 'embedding', 'rerank']);

/** What a sum of other spans' tokens can stand on. */
const aggregateRoles: ReadonlySet<Role> = new Set(['agent', 'workflow']);

/** Whoever is below one of these is not the same operation as whoever is above it. */
const barrierRoles: ReadonlySet<Role> = new Set(['tool', 'agent']);

/** Whether a span's role makes it a ledger entry by itself. */
export function isCall(facts: SpanFacts): boolean {
  return callRoles.has(facts.role);
}

/** The spans that stand for calls, before anything told twice is folded. */
export function callCandidates(tree: TraceTree): SpanFacts[] {
  const calls = tellingCalls(tree);
  const above = new CallsBelow(tree);
  for (const call of calls) above.add(call);
  return [...calls, ...aggregates(tree, above)];
}

/** The same without the sums on parents: the spans that each tell of one call. */
export function tellingCalls(tree: TraceTree): SpanFacts[] {
  const calls = tree.spans.filter(isCall);
  const above = new CallsBelow(tree);
  for (const call of calls) above.add(call);
  return [...calls, ...unnamedCalls(tree, above)];
}

/** The nearest candidate above a span with no tool or agent between them. */
export function candidateAbove(
  span: SpanFacts,
  tree: TraceTree,
  candidates: ReadonlyMap<string, SpanFacts>,
): SpanFacts | undefined {
  for (const ancestor of tree.ancestors(span)) {
    const candidate = candidates.get(spanKey(ancestor));
    if (candidate !== undefined) return candidate;
    if (barrierRoles.has(ancestor.role)) return undefined;
  }
  return undefined;
}

// Section 2: an unknown operation counts when it names a model and usage and neither holds nor is part of a call.
function unnamedCalls(tree: TraceTree, above: CallsBelow): SpanFacts[] {
  const known = new Map(tree.spans.filter(isCall).map(call => [spanKey(call), call]));
  const found: SpanFacts[] = [];
  for (const span of deepestFirst(tree, 'other')) {
    if (!hasUsage(span.tokens) || (span.responseModel ?? span.requestModel) === undefined) continue;
    if (above.has(span) || candidateAbove(span, tree, known) !== undefined) continue;
    found.push({ ...span, role: 'model_call', operation: 'chat' });
    above.add(span);
  }
  return found;
}

// Section 5 rule 1: a sum on a parent counts only when there is nothing below that it could be the sum of. Of nested
// sums the outermost holds the others.
function aggregates(tree: TraceTree, above: CallsBelow): SpanFacts[] {
  const eligible = tree.spans.filter(
    span => aggregateRoles.has(span.role) && hasUsage(span.tokens) && !above.has(span),
  );
  const keys = new Set(eligible.map(spanKey));
  return eligible
    .filter(span => !tree.ancestors(span).some(ancestor => keys.has(spanKey(ancestor))))
    .map(span => ({
      ...span,
      ...aggregateCall(span),
      flags: [...(span.flags ?? []), 'estimated_from_aggregate'],
    }));
}

function aggregateCall(span: SpanFacts): Pick<SpanFacts, 'role' | 'operation'> {
  const embeds = span.operation?.startsWith('ai.embed') === true;
  return embeds ? { role: 'embedding', operation: 'embeddings' } : { role: 'model_call', operation: 'chat' };
}

function deepestFirst(tree: TraceTree, role: Role): SpanFacts[] {
  return tree.spans
    .filter(span => span.role === role)
    .map(span => ({ span, depth: tree.ancestors(span).length }))
    .sort((a, b) => b.depth - a.depth)
    .map(({ span }) => span);
}

/** Remembers which spans have a call somewhere below. */
class CallsBelow {
  private readonly keys = new Set<string>();
  private readonly tree: TraceTree;

  constructor(tree: TraceTree) {
    this.tree = tree;
  }

  add(call: SpanFacts): void {
    for (const ancestor of this.tree.ancestors(call)) this.keys.add(spanKey(ancestor));
  }

  has(span: SpanFacts): boolean {
    return this.keys.has(spanKey(span));
  }
}
