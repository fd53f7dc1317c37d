import { where } from '#contract/dimension.ts';
import type { ReviewReason } from '#contract/review.ts';
import type { CandidatesOf, ReviewCandidate } from '#store/queries/review-candidates.ts';
import { putReviewItems, type ReviewItemRow } from '#store/state/review-items.ts';
import { changeReviewQueueRow, claimFill, type ReviewQueueRow } from '#store/state/review-queues.ts';
import { iso } from '../golden/deps.ts';
import type { ReviewDeps } from './deps.ts';
import { byCall, type Found, findEvidence, urgencyOf } from './evidence.ts';
import { drawOf, rulesOf } from './queues.ts';

/** Nobody works through more; the most urgent of each rule come in first. */
const mostOpen = 2_000;
const mostOfRule = 500;
const pauseMs = 5 * 60_000;
const hourMs = 3_600_000;

/** Looks for calls, at most every five minutes however many people work on the queue. */
export async function fillWhenDue(deps: ReviewDeps, queue: ReviewQueueRow): Promise<void> {
  const now = deps.nowMs();
  const times = { at: iso(now), before: iso(now - pauseMs) };
  if (await claimFill(deps.state, queue.queue_id, times)) await fillQueue(deps, queue, 24);
}

/** Puts what the rules find in the last hours into the queue, each call once. */
export async function fillQueue(
  deps: ReviewDeps,
  queue: ReviewQueueRow,
  hours: number,
): Promise<{ found: number; added: number; known: number; leftOut: number }> {
  const now = deps.nowMs();
  const of: CandidatesOf = {
    projectId: deps.projectId,
    fromMs: now - hours * hourMs,
    toMs: now,
    conditions: where.parse(queue.conditions),
    // One more than is taken tells that there are more.
    limit: mostOfRule + 1,
  };
  const found: Found[] = [];
  let leftOut = 0;
  for (const rule of rulesOf(queue)) {
    if (!rule.enabled) continue;
    const all = await findEvidence(deps, of, rule);
    leftOut += Math.max(0, all.length - mostOfRule);
    // A sample that was cut is none with a known chance.
    const isCut = all.length > mostOfRule;
    found.push(...all.slice(0, mostOfRule).map(one => (isCut ? { ...one, probability: null } : one)));
  }
  const items = itemsOf(queue, found, iso(now));
  await changeReviewQueueRow(deps.state, queue.queue_id, { filled_at: iso(now) });
  const put = await putReviewItems(deps.state, queue.queue_id, items, mostOpen);
  return { found: items.length, added: put.added, known: put.known, leftOut: leftOut + put.leftOut };
}

/**
 * One item a call. Labels get a chance only in a queue that chance alone fills: there the order says nothing about the calls,
 * so those labelled so far are a sample as well.
 */
export function itemsOf(queue: ReviewQueueRow, all: readonly Found[], at: string): ReviewItemRow[] {
  const isSample = rulesOf(queue).every(({ kind }) => kind === 'sample');
  return byCall(all).map(founds => {
    const { call } = founds[0]!;
    const chances = founds.map(({ probability }) => probability);
    // All rules share one draw per call: it is in when it is in the widest.
    const chance = chances.some(one => one === null) ? null : Math.max(...(chances as number[]));
    return newItem(queue, call, {
      at,
      reasons: founds.map(({ reason }) => reason),
      priority: isSample ? 10 : urgencyOf(founds),
      probability: isSample ? chance : null,
    });
  });
}

export function newItem(
  queue: ReviewQueueRow,
  { trace_id, span_id, call_time, feature, model, prompt }: ReviewCandidate,
  {
    at,
    reasons,
    priority,
    probability,
    assignee = '',
  }: {
    at: string;
    reasons: ReviewReason[];
    priority: number;
    probability: number | null;
    assignee?: string;
  },
): ReviewItemRow {
  const { queue_id, second_opinions } = queue;
  const draw = (what: string) => drawOf(what, queue_id, trace_id, span_id);
  return {
    item_id:
      Math.floor(draw('id a') * 2 ** 48)
        .toString(16)
        .padStart(12, '0') +
      Math.floor(draw('id b') * 2 ** 48)
        .toString(16)
        .padStart(12, '0'),
    queue_id,
    trace_id,
    span_id,
    call_time,
    feature,
    model,
    prompt,
    reasons: JSON.stringify(reasons),
    priority,
    place: draw('place'),
    inclusion_probability: probability,
    state: 'open',
    opinions: 0,
    opinions_wanted: draw('second opinion') < second_opinions ? 2 : 1,
    assignee,
    created_at: at,
  };
}
