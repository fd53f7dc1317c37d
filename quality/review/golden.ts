import type { ReviewItemRow } from '#store/state/review-items.ts';
import { caseOfTrace } from '../golden/from-store.ts';
import { findSet, putCases } from '../golden/sets.ts';
import type { ReviewDeps } from './deps.ts';
import type { Said } from './label.ts';

export interface GoldenDone {
  set: string;
  version: number;
  case_id: string;
  is_new: boolean;
}

/** From here on an answer is good enough to be what others are compared with. */
const goodEnough = 0.75;

/**
 * Makes a case of an item: its correction is the reference, else the answer itself where people find it good, else it has none.
 * Rejects with a GoldenProblem when there is no such set or the text is not kept; `add` then puts the case in.
 */
export async function goldenCaseFor(
  deps: ReviewDeps,
  set: string,
  item: ReviewItemRow,
  said: readonly Said[],
): Promise<{ add(): Promise<GoldenDone> }> {
  await findSet(deps, set);
  const correction = said.find(({ field }) => field.kind === 'correction')?.text;
  const found = await caseOfTrace(deps, {
    traceId: item.trace_id,
    spanId: item.span_id,
    tags: ['review'],
    ...(correction !== undefined ? { reference: correction } : isGood(said) ? {} : { reference: null }),
  });
  if (correction !== undefined) found.origin.source = 'correction';
  return {
    async add() {
      const done = await putCases(deps, set, [found], 'from review');
      return { set, version: done.version, case_id: done.case_ids[0] ?? '', is_new: done.added > 0 };
    },
  };
}

function isGood(said: readonly Said[]): boolean {
  const values = said.flatMap(({ value }) => (value === null ? [] : [value]));
  return values.length > 0 && values.every(value => value >= goodEnough);
}
