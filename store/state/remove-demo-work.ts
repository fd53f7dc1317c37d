import { demoWork } from '#contract/demo.ts';
import { goldenSetRow, removeGoldenSet } from './golden.ts';
import type { StateDb } from './open.ts';
import { removeReviewQueue, reviewQueueRow } from './review-queues.ts';

/** Removes the golden set, the review queues and the words of the model card that the demo made; twice is harmless. */
export async function removeDemoWork(db: StateDb, projectId: string): Promise<void> {
  const set = await goldenSetRow(db, projectId, { name: demoWork.goldenSet });
  if (set) await removeGoldenSet(db, set.set_id);
  for (const name of demoWork.reviewQueues) {
    const queue = await reviewQueueRow(db, projectId, { name });
    if (queue) await removeReviewQueue(db, queue.queue_id);
  }
  await db
    .deleteFrom('model_card_texts')
    .where('project_id', '=', projectId)
    .where('feature', '=', demoWork.feature)
    .where('author', '=', demoWork.author)
    .execute();
}
