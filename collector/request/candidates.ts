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
  return [...calls, ...aggregates(tree, spansAbove(calls, tree))];
}

/** The same without the sums on parents: the spans that each tell of one call. */
export function tellingCalls(tree: TraceTree): SpanFacts[] {
  const calls = tree.spans.filter(isCall);
  const others = tree.spans.filter(({ role }) => role === 'other');
  return others.length === 0 ? calls : [...calls, ...unnamedCalls(others, calls, tree)];
}

/** Every span that has one of the given ones somewhere below. */
export function spansAbove(below: readonly SpanFacts[], tree: TraceTree): Set<SpanFacts> {
  const above = new Set<SpanFacts>();
  for (const span of below) markAbove(span, above, tree);
  return above;
}

/** For any span the nearest candidate above it with no tool or agent between them. */
export function nearestAbove(
  candidates: readonly SpanFacts[],
  tree: TraceTree,
): (span: SpanFacts) => SpanFacts | undefined {
  const byKey = new Map(candidates.map(candidate => [spanKey(candidate), candidate]));
  const seenBelow = tree.fromAbove<SpanFacts | undefined>(
    (span, above) => byKey.get(spanKey(span)) ?? (barrierRoles.has(span.role) ? undefined : above),
  );
  return span => {
    const parent = tree.parent(span);
    return parent === undefined ? undefined : seenBelow(parent);
  };
}

// Once a span is marked, so is everything above it.
function markAbove(span: SpanFacts, above: Set<SpanFacts>, tree: TraceTree): void {
  for (let at = tree.parent(span); at !== undefined && !above.has(at); at = tree.parent(at)) above.add(at);
}

// Section 2: an unknown operation counts when it names a model and usage and neither holds nor is part of a call. Of
// nested ones the innermost counts, so the deepest are looked at first.
function unnamedCalls(others: SpanFacts[], calls: readonly SpanFacts[], tree: TraceTree): SpanFacts[] {
  const above = spansAbove(calls, tree);
  const callAbove = nearestAbove(calls, tree);
  const depth = tree.fromAbove<number>((_span, parent = 0) => parent + 1);
  const found: SpanFacts[] = [];
  for (const span of others.sort((a, b) => depth(b) - depth(a))) {
    if (!usesAnything(span) || (span.responseModel ?? span.requestModel) === undefined) continue;
    if (above.has(span) || callAbove(span) !== undefined) continue;
    found.push({ ...span, role: 'model_call', operation: 'chat' });
    markAbove(span, above, tree);
  }
  return found;
}

function usesAnything({ tokens, images, searches, rerankUnits }: SpanFacts): boolean {
  return hasUsage(tokens) || Boolean(images || searches || rerankUnits);
}

// Section 5 rule 1: a sum on a parent counts only when there is nothing below that it could be the sum of. Of nested
// sums the outermost holds the others.
function aggregates(tree: TraceTree, aboveCalls: ReadonlySet<SpanFacts>): SpanFacts[] {
  const eligible = new Set(
    tree.spans.filter(
      span => aggregateRoles.has(span.role) && hasUsage(span.tokens) && !aboveCalls.has(span),
    ),
  );
  if (eligible.size === 0) return [];
  const isWithin = tree.fromAbove<boolean>((span, above = false) => above || eligible.has(span));
  const outermost = [...eligible].filter(span => {
    const parent = tree.parent(span);
    return parent === undefined || !isWithin(parent);
  });
  return outermost.map(span => ({
    ...span,
    ...aggregateCall(span),
    flags: [...(span.flags ?? []), 'estimated_from_aggregate'],
  }));
}

function aggregateCall(span: SpanFacts): Pick<SpanFacts, 'role' | 'operation'> {
  const embeds = span.operation?.startsWith('ai.embed') === true;
  return embeds ? { role: 'embedding', operation: 'embeddings' } : { role: 'model_call', operation: 'chat' };
}
