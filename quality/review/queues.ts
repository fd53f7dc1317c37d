import { createHash, randomUUID } from 'node:crypto';
import {
  type ReviewField,
  type ReviewItem,
  type ReviewQueue,
  type ReviewReason,
  type ReviewRule,
  reviewRule,
} from '#contract/review.ts';
import { countReviewItems, type ReviewItemRow } from '#store/state/review-items.ts';
import {
  addReviewQueue,
  changeReviewQueueRow,
  type ReviewQueueRow,
  reviewQueueRow,
} from '#store/state/review-queues.ts';
import { iso } from '../golden/deps.ts';
import { type ReviewDeps, ReviewProblem } from './deps.ts';

export interface QueueSaid {
  description: string;
  where: string;
  fields: ReviewField[];
  rules: ReviewRule[];
  second_opinions: number;
}

export async function findQueue({ state, projectId }: ReviewDeps, name: string): Promise<ReviewQueueRow> {
  const row = await reviewQueueRow(state, projectId, { name });
  if (!row) throw new ReviewProblem('not_found', `There is no review queue ${name}.`);
  return row;
}

export async function createQueue(deps: ReviewDeps, name: string, said: QueueSaid): Promise<ReviewQueue> {
  const at = iso(deps.nowMs());
  const row: ReviewQueueRow = {
    queue_id: randomUUID(),
    project_id: deps.projectId,
    name,
    ...columnsOf(said),
    schema_version: 1,
    filled_at: null,
    created_at: at,
    updated_at: at,
  };
  if (!(await addReviewQueue(deps.state, row)))
    throw new ReviewProblem('not_possible', `queue: there is a review queue ${name} already`);
  return queueOf({ ...row, open: 0, done: 0 });
}

/** Labels that were given stay what they are: other fields are another schema version. */
export async function changeQueue(deps: ReviewDeps, name: string, said: QueueSaid): Promise<ReviewQueue> {
  const row = await findQueue(deps, name);
  const columns = columnsOf(said);
  const change = {
    ...columns,
    schema_version: columns.fields === row.fields ? row.schema_version : row.schema_version + 1,
    // What the new rules find is looked for when somebody next asks for an item.
    filled_at: columns.rules === row.rules && columns.conditions === row.conditions ? row.filled_at : null,
    updated_at: iso(deps.nowMs()),
  };
  await changeReviewQueueRow(deps.state, row.queue_id, change);
  const [open, done] = await Promise.all([
    countReviewItems(deps.state, row.queue_id, 'open'),
    countReviewItems(deps.state, row.queue_id, 'done'),
  ]);
  return queueOf({ ...row, ...change, open, done });
}

const columnsOf = ({ description, where, fields, rules, second_opinions }: QueueSaid) => ({
  description,
  conditions: where,
  fields: JSON.stringify(fields),
  rules: JSON.stringify(rules),
  second_opinions,
});

export function queueOf(row: ReviewQueueRow & { open: number; done: number }): ReviewQueue {
  const { name, description, conditions, schema_version, second_opinions, open, done } = row;
  const { filled_at, created_at, updated_at } = row;
  return {
    queue: name,
    description,
    where: conditions,
    fields: fieldsOf(row),
    schema_version,
    rules: rulesOf(row),
    second_opinions,
    open,
    done,
    filled_at,
    created_at,
    updated_at,
  };
}

export const fieldsOf = ({ fields }: Pick<ReviewQueueRow, 'fields'>) => JSON.parse(fields) as ReviewField[];
/** Also those that are paused. Rules kept by an earlier version get the defaults of what they do not say. */
export const rulesOf = ({ rules }: Pick<ReviewQueueRow, 'rules'>): ReviewRule[] =>
  (JSON.parse(rules) as unknown[]).map(rule => reviewRule.parse(rule));

export function itemOf(row: ReviewItemRow, queue: string): ReviewItem {
  const { item_id, trace_id, span_id, call_time, feature, model, prompt, priority, state } = row;
  const { opinions, opinions_wanted, assignee, created_at } = row;
  return {
    item_id,
    queue,
    trace_id,
    span_id,
    call_time,
    feature,
    model,
    prompt,
    reasons: JSON.parse(row.reasons) as ReviewReason[],
    priority,
    state,
    opinions,
    opinions_wanted,
    assignee,
    created_at,
  };
}

/** 0 to 1, the same for the same words: chance that can be drawn again. */
export function drawOf(...words: readonly string[]): number {
  const hash = createHash('sha256').update(JSON.stringify(words)).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}
