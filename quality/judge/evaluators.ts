import { z } from 'zod';
import { defineEvaluator, type Evaluator } from '../evaluators/evaluator.ts';
import type { Judge } from './judge.ts';
import { rubrics } from './rubrics.ts';

/** One evaluator for each rubric, to be put beside the built-in ones. */
export function judgeEvaluators(judge: Judge): Evaluator[] {
  return rubrics.map(rubric =>
    defineEvaluator({
      name: rubric.name,
      version: rubric.version,
      kind: 'judge',
      summary: rubric.summary,
      needs: rubric.needs,
      direction: rubric.direction,
      settings: z.object({}),
      async score(example) {
        const { verdict } = await judge.judge(rubric, example);
        return verdict;
      },
    }),
  );
}
