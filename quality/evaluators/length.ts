import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';
import { words } from './words.ts';

export const length = defineEvaluator({
  name: 'length',
  version: 1,
  kind: 'rule',
  summary: 'The answer has a length within bounds, in words (characters where a script has no spaces)',
  needs: ['output'],
  direction: 'higher',
  settings: z.object({
    min_words: z.int().min(0).default(1),
    max_words: z.int().min(1).max(1_000_000).default(1_000),
  }),
  score({ output }, { min_words, max_words }) {
    const count = words(output).length;
    const label = count < min_words ? 'too_short' : count > max_words ? 'too_long' : 'within';
    return { value: label === 'within' ? 1 : 0, label, explanation: `${count} words` };
  },
});
