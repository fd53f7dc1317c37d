import { demoWork } from '#contract/demo.ts';
import type { Random } from '../random.ts';
import { callApi, type DemoApi } from './api.ts';
import { makeGoldenSet, runGoldenSet } from './golden.ts';
import { reviewAnswers } from './review.ts';

/**
 * What the people around the demo application do, through the API like anybody: a golden set with runs of three prompt versions,
 * labels in two review queues, the words of a model card. Doing it again changes nothing.
 */
export async function doTeamWork(api: DemoApi, random: Random): Promise<void> {
  const isNew = await makeGoldenSet(api);
  await reviewAnswers(api, random.fork('review'));
  if (isNew) await runGoldenSet(api, random.fork('golden'));
  await callApi(api, 'PUT', `/api/v1/features/${demoWork.feature}/card/texts`, cardTexts);
}

const cardTexts = {
  intended_use:
    'Answers questions of customers of Nordlicht Shop about orders, returns, payments and products, in the language of the customer, from the policies alone.',
  limits:
    'Does not promise compensation, does not change orders by itself, and hands over to a colleague when the policies say nothing. Not for questions of law or health.',
  owner: 'Support team, support-ai@nordlicht.example',
  author: demoWork.author,
};
