import { type Attempt, attemptFailed, byStart, CLOCK_TOLERANCE_NS, type Operation } from './attempt.ts';
import type { SpanFacts } from './facts.ts';
import { groupBy } from './group-by.ts';
import { spanKey } from './trace-tree.ts';

/** A try with its place among others. */
export interface PlacedAttempt extends Attempt {
  /** The outermost span that tells this try. */
  top: SpanFacts;
  /** Whether one of the spans around it also encloses other tries. */
  shared: boolean;
}

/**
 * Section 5 rule 6: tries in a row under one outer span are one operation. AI SDK 5 and 6 send a span per try; others
 * send one span for all tries, unless they enclose the provider's own spans. Earliest operation first.
 */
export function operationsOf(attempts: readonly PlacedAttempt[]): Operation[] {
  const operations = [...groupBy(attempts, groupKey).values()].flatMap(rowsOfTries);
  return operations.sort((a, b) => byStart(a.attempts[0].lead, b.attempts[0].lead));
}

function groupKey({ lead, top, shared }: PlacedAttempt): string {
  if (top.dialect === 'vercel_ai' && top.parentSpanId !== '') {
    return `${top.traceId}/${top.parentSpanId} ${top.name} ${top.requestModel}`;
  }
  return spanKey(shared ? top : lead);
}

// The steps of an agent follow each other too, but a step that succeeded is not tried again.
function rowsOfTries(group: readonly PlacedAttempt[]): Operation[] {
  const operations: Operation[] = [];
  for (const { lead, covers } of [...group].sort((a, b) => byStart(a.lead, b.lead))) {
    const attempt: Attempt = { lead, covers };
    const unfinished = operations.findLast(operation => isRetry(attempt, operation.attempts.at(-1)!));
    if (unfinished) unfinished.attempts.push(attempt);
    else operations.push({ attempts: [attempt], folded: [] });
  }
  return operations;
}

function isRetry(next: Attempt, previous: Attempt): boolean {
  return attemptFailed(previous) && next.lead.startNs + CLOCK_TOLERANCE_NS >= previous.lead.endNs;
}
