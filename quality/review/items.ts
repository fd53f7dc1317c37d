import type { LabelValues, ReviewItem, ReviewProgress, TakenItem } from '#contract/review.ts';
import { insertScores } from '#store/queries/insert-scores.ts';
import { callToReview } from '#store/queries/review-candidates.ts';
import { removeScores } from '#store/queries/review-remove-scores.ts';
import { readTrace } from '#store/queries/trace.ts';
import {
  changeReviewItemRow,
  listReviewItemRows,
  putReviewItems,
  type ReviewItemRow,
  reviewItemRow,
} from '#store/state/review-items.ts';
import {
  keepLabel,
  reviewOpinion,
  reviewProgressOf,
  skipReviewItem,
  takeReviewItem,
} from '#store/state/review-opinions.ts';
import { type ReviewQueueRow, reviewQueueRow } from '#store/state/review-queues.ts';
import { iso } from '../golden/deps.ts';
import { type ReviewDeps, ReviewProblem } from './deps.ts';
import { fillWhenDue, newItem } from './fill.ts';
import { type GoldenDone, goldenCaseFor } from './golden.ts';
import { readLabel, type Said, scoreOf } from './label.ts';
import { fieldsOf, findQueue, itemOf } from './queues.ts';

const heldMs = 15 * 60_000;

/** What was said, as it is kept. */
export interface KeptLabel {
  values: LabelValues;
  /** Ids of the scores it became, by field. */
  scores: Record<string, string>;
}

/** The next item of a queue for one person, with the texts of this call only. */
export async function takeItem(
  deps: ReviewDeps,
  queueName: string,
  { reviewer, skipped }: { reviewer: string; skipped: boolean },
): Promise<{ item: TakenItem | null; progress: ReviewProgress }> {
  const queue = await findQueue(deps, queueName);
  await fillWhenDue(deps, queue);
  const now = deps.nowMs();
  const who = { queueId: queue.queue_id, reviewer, now: iso(now) };
  const row = await takeReviewItem(deps.state, { ...who, heldUntil: iso(now + heldMs), again: skipped });
  const [texts, progress] = await Promise.all([row && textsOf(deps, row), reviewProgressOf(deps.state, who)]);
  if (!row) return { item: null, progress };
  const texted = { input: texts?.input ?? [], output: texts?.output ?? [] };
  return { item: { ...itemOf(row, queue.name), ...texted, second_opinion: row.opinions > 0 }, progress };
}

async function textsOf({ clickhouse, projectId }: ReviewDeps, { trace_id, span_id }: ReviewItemRow) {
  const trace = await readTrace(clickhouse, { projectId, traceId: trace_id });
  return trace?.contents[span_id];
}

/** Puts a call into a queue because somebody says so. */
export async function addItem(
  deps: ReviewDeps,
  queueName: string,
  said: { trace_id: string; span_id?: string | undefined; note: string; assignee: string },
): Promise<ReviewItem> {
  const queue = await findQueue(deps, queueName);
  const { clickhouse, projectId } = deps;
  const call = await callToReview(clickhouse, { projectId, traceId: said.trace_id, spanId: said.span_id });
  if (!call) throw new ReviewProblem('not_found', `There is no call of trace ${said.trace_id} here.`);
  const { text } = await deps.redactor();
  const item = newItem(queue, call, {
    at: iso(deps.nowMs()),
    reasons: [{ kind: 'by_hand', sentence: text(said.note) || 'put in by hand' }],
    priority: 90,
    probability: null,
    assignee: said.assignee,
  });
  const { leftOut } = await putReviewItems(deps.state, queue.queue_id, [item], Number.POSITIVE_INFINITY);
  if (leftOut > 0) throw new ReviewProblem('not_possible', 'The queue is full.');
  if (said.assignee) await changeReviewItemRow(deps.state, item.item_id, { assignee: said.assignee });
  return itemOf((await reviewItemRow(deps.state, item.item_id))!, queue.name);
}

export async function listItems(
  deps: ReviewDeps,
  queueName: string,
  asked: { state: 'open' | 'done'; limit: number },
): Promise<ReviewItem[]> {
  const queue = await findQueue(deps, queueName);
  const rows = await listReviewItemRows(deps.state, { queueId: queue.queue_id, ...asked });
  return rows.map(row => itemOf(row, queue.name));
}

export async function changeItem(
  deps: ReviewDeps,
  itemId: string,
  change: { assignee?: string | undefined; priority?: number | undefined },
): Promise<ReviewItem> {
  const { item, queue } = await findItem(deps, itemId);
  const { assignee = item.assignee, priority = item.priority } = change;
  const after = await changeReviewItemRow(deps.state, itemId, { assignee, priority });
  return itemOf(after ?? item, queue.name);
}

async function findItem(
  { state, projectId }: ReviewDeps,
  itemId: string,
): Promise<{ item: ReviewItemRow; queue: ReviewQueueRow }> {
  const item = await reviewItemRow(state, itemId);
  const queue = item && (await reviewQueueRow(state, projectId, { queueId: item.queue_id }));
  if (!item || !queue) throw new ReviewProblem('not_found', `There is no review item ${itemId}.`);
  return { item, queue };
}

/**
 * Keeps what a person thinks of an answer: as scores by `review@<queue>.<schema version>` and, when asked, as a golden case.
 * Said again it replaces what the same person said before.
 */
export async function labelItem(
  deps: ReviewDeps,
  itemId: string,
  asked: { reviewer: string; values: LabelValues; golden_set: string },
): Promise<{ score_ids: string[]; item: ReviewItem; progress: ReviewProgress; golden: GoldenDone | null }> {
  const { item, queue } = await findItem(deps, itemId);
  const { text } = await deps.redactor();
  const said = readLabel(fieldsOf(queue), asked.values).map(one => ({ ...one, text: text(one.text) }));
  // What cannot become a case is said before anything is kept.
  const golden = asked.golden_set ? await goldenCaseFor(deps, asked.golden_set, item, said) : null;
  const now = iso(deps.nowMs());
  const scores = await keepScores(deps, { item, queue, reviewer: asked.reviewer }, said);
  const kept: KeptLabel = { values: valuesOf(said), scores };
  const after = await keepLabel(deps.state, item, {
    reviewer: asked.reviewer,
    now,
    said: JSON.stringify(kept),
    schemaVersion: queue.schema_version,
  });
  const who = { queueId: queue.queue_id, reviewer: asked.reviewer, now };
  return {
    score_ids: Object.values(scores),
    item: itemOf(after, queue.name),
    progress: await reviewProgressOf(deps.state, who),
    golden: golden && (await golden.add()),
  };
}

const valuesOf = (said: readonly Said[]): LabelValues =>
  Object.fromEntries(said.map(({ field, label, text }) => [field.name, label || text]));

/** Scores before the opinion: after a crash in between, the same label is only said again. */
async function keepScores(
  deps: ReviewDeps,
  { item, queue, reviewer }: { item: ReviewItemRow; queue: ReviewQueueRow; reviewer: string },
  said: readonly Said[],
): Promise<Record<string, string>> {
  const { clickhouse, projectId, state } = deps;
  const nowMs = deps.nowMs();
  const origin = {
    id: `review ${item.item_id} ${reviewer}`,
    evaluator: `review@${queue.name}.${queue.schema_version}`,
    traceId: item.trace_id,
    spanId: item.span_id,
    probability: item.inclusion_probability,
  };
  const scores = said.map(one => scoreOf(one, origin));
  const ids = await insertScores(clickhouse, scores, { projectId, source: 'api', nowMs });
  const before = await reviewOpinion(state, item.item_id, reviewer);
  const was = before?.said ? Object.values((JSON.parse(before.said) as KeptLabel).scores) : [];
  const gone = was.filter(id => !ids.includes(id));
  await removeScores(clickhouse, { projectId, ids: gone, nowMs: nowMs + 1 });
  return Object.fromEntries(said.map(({ field }, at) => [field.name, ids[at]!]));
}

export async function skipItem(
  deps: ReviewDeps,
  itemId: string,
  reviewer: string,
): Promise<{ progress: ReviewProgress }> {
  const { item } = await findItem(deps, itemId);
  const now = iso(deps.nowMs());
  await skipReviewItem(deps.state, item, { reviewer, now });
  const who = { queueId: item.queue_id, reviewer, now };
  return { progress: await reviewProgressOf(deps.state, who) };
}
