import type { Call, ToolCall } from './call.ts';
import { callCandidates, isCall, tellingCalls } from './candidates.ts';
import { composeCall } from './compose.ts';
import type { Dialect, LogFacts, SpanFacts } from './facts.ts';
import { lineages } from './inherit.ts';
import { indexLogs, noLogs } from './log-calls.ts';
import { foldEnclosing } from './overlap.ts';
import { toolCallsOf } from './tool-calls.ts';
import { byIds, traceTree } from './trace-tree.ts';
import { pairTwins, TWIN_WINDOW_NS } from './twins.ts';

/**
 * The ledger entries of the given facts: every operation once, whatever the order, repetition or overlap of its spans.
 * Give all known facts of the traces together, of several traces when pairingWindow says they may hold twins. Earliest
 * first. An entry may change its span or disappear when more facts arrive: what an earlier derivation of these traces
 * gave and this one does not is to be deleted.
 */
export function deriveCalls(
  spans: readonly SpanFacts[],
  logs: readonly LogFacts[],
): { calls: Call[]; toolCalls: ToolCall[] } {
  const sent = traceTree(spans);
  const records = logs.length === 0 ? noLogs : indexLogs(logs, sent, tellingCalls(sent));
  const tree = records.orphans.length === 0 ? sent : traceTree([...sent.spans, ...records.orphans]);
  const operations = foldEnclosing(callCandidates(tree), tree);
  const lineageOf = lineages(tree);
  const calls = pairTwins(operations, tree).map(paired => composeCall(paired, lineageOf, records));
  return { calls: calls.sort(earliestFirst), toolCalls: toolCallsOf(tree, lineageOf) };
}

/** These make their spans active, so whatever happens below is linked to them and has no twin elsewhere. */
const activating: ReadonlySet<Dialect> = new Set(['vercel_ai', 'vercel_ai_7']);

/** Where a twin of a call could be in another trace: same resourceKey, another scope, overlapping [fromNs, toNs]. */
export interface PairingWindow {
  resourceKey: string;
  scopeName: string;
  fromNs: bigint;
  toNs: bigint;
}

/** Null when the span cannot have a twin in another trace (section 5 rule 3). */
export function pairingWindow(facts: SpanFacts): PairingWindow | null {
  if (!isCall(facts) || activating.has(facts.dialect)) return null;
  return {
    resourceKey: facts.resourceKey,
    scopeName: facts.scopeName,
    fromNs: facts.startNs - TWIN_WINDOW_NS,
    toNs: facts.endNs + TWIN_WINDOW_NS,
  };
}

function earliestFirst(a: Call, b: Call): number {
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
  return byIds(a, b);
}
