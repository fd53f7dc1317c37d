import type { Operation } from './attempt.ts';
import { operationsOf, type PlacedAttempt } from './attempts.ts';
import { nearestAbove } from './candidates.ts';
import type { SpanFacts } from './facts.ts';
import { hasUsage } from './tokens.ts';
import { spanKey, type TraceTree } from './trace-tree.ts';

/**
 * Section 5 rules 2 and 4: of call spans that enclose each other the innermost is the call, the outer ones repeat it.
 * Returns the operations of one or more traces; twins without a link between them are still apart.
 */
export function foldEnclosing(candidates: readonly SpanFacts[], tree: TraceTree): Operation[] {
  const covers = coversOf(candidates, tree);
  if (covers.size === 0) {
    return operationsOf(candidates.map(lead => ({ lead, covers: [], top: lead, shared: false })));
  }
  const covering = new Set([...covers.values()].map(spanKey));
  const tries = candidates
    .filter(candidate => !covering.has(spanKey(candidate)))
    .map(lead => ({ lead, chain: chainOf(lead, covers) }));
  return attachShared(operationsOf(ownCovers(tries)), tries);
}

interface Try {
  lead: SpanFacts;
  /** Everything that encloses and repeats the lead, nearest first. */
  chain: SpanFacts[];
}

/** Each candidate with the one that encloses and repeats it. */
function coversOf(candidates: readonly SpanFacts[], tree: TraceTree): Map<string, SpanFacts> {
  const above = nearestAbove(candidates, tree);
  const covers = new Map<string, SpanFacts>();
  for (const inner of candidates) {
    const outer = above(inner);
    if (outer !== undefined && repeats(outer, inner)) covers.set(spanKey(inner), outer);
  }
  return covers;
}

// The same scope never tells one call twice, unless the outer span is an empty shell (embeddings of AI SDK 7).
function repeats(outer: SpanFacts, inner: SpanFacts): boolean {
  return outer.role === inner.role && (outer.scopeName !== inner.scopeName || !hasUsage(outer.tokens));
}

function chainOf(lead: SpanFacts, covers: ReadonlyMap<string, SpanFacts>): SpanFacts[] {
  const chain: SpanFacts[] = [];
  for (let at = covers.get(spanKey(lead)); at !== undefined; at = covers.get(spanKey(at))) chain.push(at);
  return chain;
}

/** A cover of one lead belongs to that try. One over several leads is settled when it is known which are one call. */
function ownCovers(tries: readonly Try[]): PlacedAttempt[] {
  const leadsUnder = new Map<string, number>();
  for (const { chain } of tries) {
    for (const cover of chain) leadsUnder.set(spanKey(cover), (leadsUnder.get(spanKey(cover)) ?? 0) + 1);
  }
  return tries.map(({ lead, chain }) => ({
    lead,
    covers: chain.filter(cover => leadsUnder.get(spanKey(cover)) === 1),
    top: chain.at(-1) ?? lead,
    shared: chain.some(cover => leadsUnder.get(spanKey(cover)) !== 1),
  }));
}

/**
 * A cover over several tries of one operation tells the last of them again. A cover over several operations is a sum in
 * disguise: nothing is read from it.
 */
function attachShared(operations: Operation[], tries: readonly Try[]): Operation[] {
  const operationOf = new Map<string, Operation>();
  for (const operation of operations) {
    for (const { lead } of operation.attempts) operationOf.set(spanKey(lead), operation);
  }
  const under = new Map<string, { cover: SpanFacts; leads: SpanFacts[] }>();
  for (const { lead, chain } of tries) {
    for (const cover of chain) {
      const known = under.get(spanKey(cover)) ?? { cover, leads: [] };
      known.leads.push(lead);
      under.set(spanKey(cover), known);
    }
  }
  for (const { cover, leads } of under.values()) {
    if (leads.length > 1) attach(cover, leads, operations, operationOf);
  }
  return operations;
}

function attach(
  cover: SpanFacts,
  leads: readonly SpanFacts[],
  operations: readonly Operation[],
  operationOf: ReadonlyMap<string, Operation>,
): void {
  const touched = new Set(leads.map(lead => operationOf.get(spanKey(lead))!));
  const last = operations.filter(operation => touched.has(operation)).at(-1)!;
  if (touched.size > 1) {
    last.folded.push(cover);
    return;
  }
  const below = new Set(leads.map(spanKey));
  last.attempts.findLast(({ lead }) => below.has(spanKey(lead)))!.covers.push(cover);
}
