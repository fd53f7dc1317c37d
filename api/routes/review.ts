import type { Router } from 'express';
import {
  addReviewItem,
  changeReviewItem,
  changeReviewQueue,
  createReviewQueue,
  deleteReviewQueue,
  fillReviewQueue,
  labelReviewItem,
  listReviewItems,
  listReviewQueues,
  reviewAgreement,
  skipReviewItem,
  takeReviewItem,
} from '#contract/review.ts';
import { evaluators } from '#quality/evaluators/index.ts';
import { GoldenProblem } from '#quality/golden/deps.ts';
import { agreementOf } from '#quality/review/agreement.ts';
import { type ReviewDeps, ReviewProblem } from '#quality/review/deps.ts';
import { fillQueue } from '#quality/review/fill.ts';
import { addItem, changeItem, labelItem, listItems, skipItem, takeItem } from '#quality/review/items.ts';
import { changeQueue, createQueue, findQueue, queueOf } from '#quality/review/queues.ts';
import { countReviewItems } from '#store/state/review-items.ts';
import { listReviewQueueRows, removeReviewQueue } from '#store/state/review-queues.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

/** What review and golden sets say cannot be is a problem of the caller. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ReviewProblem || error instanceof GoldenProblem)
      throw new HttpProblem(error.kind === 'not_found' ? 404 : 400, error.message);
    throw error;
  }
}

export function reviewRoutes(router: Router, services: Services): void {
  const { clickhouse, state, projectId, nowMs, privacy } = services;
  const redactor = async () => (await privacy()).redactor;
  const deps: ReviewDeps = { clickhouse, state, projectId, nowMs, evaluators, redactor };
  queueRoutes(router, deps);
  itemRoutes(router, deps);
}

function queueRoutes(router: Router, deps: ReviewDeps): void {
  const { state, projectId } = deps;
  serve(router, listReviewQueues, async () => ({
    queues: (await listReviewQueueRows(state, projectId)).map(queueOf),
  }));
  serve(router, createReviewQueue, ({ queue, ...said }) => told(createQueue(deps, queue, said)));
  serve(router, changeReviewQueue, (said, { params }) => told(changeQueue(deps, params.queue, said)));
  serve(router, deleteReviewQueue, async (_asked, { params }) => {
    const { queue_id } = await told(findQueue(deps, params.queue));
    await removeReviewQueue(state, queue_id);
    return {};
  });
  serve(router, fillReviewQueue, async ({ hours }, { params }) => {
    const queue = await told(findQueue(deps, params.queue));
    const { found, added, known, leftOut } = await fillQueue(deps, queue, hours);
    return { found, added, known, left_out: leftOut };
  });
  serve(router, reviewAgreement, (_asked, { params }) => told(agreementOf(deps, params.queue)));
}

function itemRoutes(router: Router, deps: ReviewDeps): void {
  serve(router, listReviewItems, async (asked, { params }) => {
    const items = await told(listItems(deps, params.queue, asked));
    const { queue_id } = await told(findQueue(deps, params.queue));
    return { items, total: await countReviewItems(deps.state, queue_id, asked.state) };
  });
  serve(router, addReviewItem, (asked, { params }) => told(addItem(deps, params.queue, asked)));
  serve(router, takeReviewItem, (asked, { params }) => told(takeItem(deps, params.queue, asked)));
  serve(router, changeReviewItem, (change, { params }) => told(changeItem(deps, params.item_id, change)));
  serve(router, labelReviewItem, (asked, { params }) => told(labelItem(deps, params.item_id, asked)));
  serve(router, skipReviewItem, ({ reviewer }, { params }) => told(skipItem(deps, params.item_id, reviewer)));
}
