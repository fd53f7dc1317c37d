import type { Call, ToolCall } from './call.ts';
import type { LogFacts, SpanFacts } from './facts.ts';

/**
 * The ledger entries of the given facts: every operation once, whatever the order, repetition or overlap of its spans.
 * Give all known facts of the traces together; several traces when pairingWindow says they may hold twins.
 */
export function deriveCalls(
  _spans: readonly SpanFacts[],
  _logs: readonly LogFacts[],
): { calls: Call[]; toolCalls: ToolCall[] } {
  return { calls: [], toolCalls: [] };
}

/** Where a twin of this span's call could be in another trace: same resourceKey, overlapping [fromNs, toNs]. */
export interface PairingWindow {
  resourceKey: string;
  fromNs: bigint;
  toNs: bigint;
}

/** Null when the span cannot have a twin in another trace (section 5 rule 3). */
export function pairingWindow(_facts: SpanFacts): PairingWindow | null {
  return null;
}
