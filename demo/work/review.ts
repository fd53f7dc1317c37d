import { setTimeout as wait } from 'node:timers/promises';
import { demoWork } from '#contract/demo.ts';
import { badAnswers } from '../features/support-texts.ts';
import type { Random } from '../random.ts';
import { callApi, type DemoApi } from './api.ts';

const WEEK_HOURS = 168;
/** What was just sent is stored within seconds; a busy machine may take longer. */
const ENOUGH = 15;
const TRIES = 40;
const PAUSE_MS = 3_000;

const fields = [
  { kind: 'scale', name: 'helpful', title: 'How helpful is the answer?', low: 'not at all', high: 'very' },
  { kind: 'yes_no', name: 'sendable', title: 'Could it be sent as it is?' },
  { kind: 'correction', name: 'better_answer', title: 'A better answer', required: false },
];

/** One queue of what looks bad, and one by chance, whose labels speak for all calls. */
const queues = [
  {
    queue: demoWork.reviewQueues[0],
    description: 'What looks wrong, so that it is corrected and becomes a golden case',
    rules: [
      { kind: 'low_score', score: 'answer_quality', below: 0.5 },
      { kind: 'flagged' },
      { kind: 'drift', per_incident: 10 },
    ],
    second_opinions: 0,
    labels: [['Ana', 8]] as const,
    golden_set: demoWork.goldenSet,
  },
  {
    queue: demoWork.reviewQueues[1],
    description: 'A share of what the newest prompt answers, to see how far people and judges agree',
    rules: [{ kind: 'sample', where: 'prompt:support-answer v14', share: 0.08 }],
    second_opinions: 0.8,
    labels: [
      ['Ana', 14],
      ['Ben', 12],
    ] as const,
    golden_set: '',
  },
] as const;

interface Part {
  content?: unknown;
}
interface Item {
  item_id: string;
  input: { role: string; parts: Part[] }[];
  output: { parts: Part[] }[];
}

/** Two people work through queues as one would: made, filled, labelled one by one. */
export async function reviewAnswers(api: DemoApi, random: Random): Promise<void> {
  for (const { queue, labels, golden_set, ...about } of queues) {
    const made = await callApi(api, 'POST', '/api/v1/review/queues', {
      ...about,
      queue,
      fields,
      where: `feature:${demoWork.feature}`,
    });
    if (made === undefined) continue;
    await filled(api, queue);
    for (const [reviewer, most] of labels)
      for (let done = 0; done < most; done += 1) {
        const path = `/api/v1/review/queues/${queue}/take`;
        const taken = await callApi<{ item: Item | null }>(api, 'POST', path, { reviewer });
        if (!taken?.item) break;
        const values = opinionOf(taken.item, reviewer, random);
        const kept = 'better_answer' in values ? golden_set : '';
        await callApi(api, 'POST', `/api/v1/review/items/${taken.item.item_id}/label`, {
          reviewer,
          values,
          golden_set: kept,
        });
      }
  }
}

async function filled(api: DemoApi, queue: string): Promise<void> {
  const path = `/api/v1/review/queues/${queue}/fill`;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const fill = await callApi<{ found: number }>(api, 'POST', path, { hours: WEEK_HOURS });
    if (fill && fill.found >= ENOUGH) return;
    await wait(PAUSE_MS, undefined, { signal: api.signal });
  }
}

const CORRECTION =
  'I have looked up your order: the details and the tracking link are under My orders. If anything is still wrong there, write back and a colleague takes over today.';

/** People see whether an answer answers, and mostly agree; Ben is a little milder than Ana. */
function opinionOf(
  { item_id, output }: Item,
  reviewer: string,
  random: Random,
): Record<string, string | number> {
  const text = output.flatMap(({ parts }) => parts.map(({ content }) => String(content ?? ''))).join('\n');
  const own = random.fork(`${item_id} ${reviewer}`);
  const milder = own.chance(reviewer === 'Ben' ? 0.2 : 0.08) ? 1 : 0;
  if (badAnswers.some(answer => text.includes(answer.slice(0, 60))))
    return { helpful: 1 + milder, sendable: 'no', better_answer: CORRECTION };
  const common = random.fork(item_id).pick([3, 4, 4, 5, 5, 5]);
  const helpful = Math.min(5, common + milder);
  return { helpful, sendable: helpful > 3 ? 'yes' : 'no' };
}
