import { pairingWindow } from '../request/calls.ts';
import type { SpanFacts } from '../request/facts.ts';

/** Services are few; where a sender makes up names, every call is looked up in the store. */
const maxServices = 10_000;

/**
 * Which services tell of their model calls through more than one instrumentation: only those can tell of a call twice in
 * two traces. Told in the beginning what the store knows of the last day, then by every span that arrives.
 */
export class CallMemory {
  private readonly scopes = new Map<string, Set<string>>();
  private looseLogs = false;
  private isFull = false;

  see({ service, scopeName }: Pick<SpanFacts, 'service' | 'scopeName'>): void {
    const known = this.scopes.get(service);
    // Two are as good as many, and names cost memory.
    if (known) known.size < 2 && known.add(scopeName);
    else if (this.scopes.size < maxServices) this.scopes.set(service, new Set([scopeName]));
    else this.isFull = true;
  }

  seeFacts(facts: SpanFacts): void {
    if (pairingWindow(facts) !== null) this.see(facts);
  }

  /** A log record outside any trace that tells of an answer: any call may be the one it tells of. */
  seeLooseLog(): void {
    this.looseLogs = true;
  }

  /** Whether a call of this span may be told of somewhere else too. */
  mayBeToldTwice(facts: SpanFacts): boolean {
    if (this.looseLogs && facts.responseId !== undefined) return true;
    if (pairingWindow(facts) === null) return false;
    return this.isFull || (this.scopes.get(facts.service)?.size ?? 0) > 1;
  }
}
