import { z } from 'zod';
import { defineEvaluator, notJudged } from './evaluator.ts';
import { statements, support } from './overlap.ts';
import { excerpt } from './yes-no.ts';

export const groundedness = defineEvaluator({
  name: 'groundedness',
  version: 1,
  kind: 'retrieval',
  summary: 'Share of the sentences whose words are in the retrieved passages (overlap, no model)',
  needs: ['output', 'context'],
  direction: 'higher',
  settings: z.object({
    threshold: z.number().gt(0).max(1).default(0.5).describe('share of word pairs that must be found'),
  }),
  score({ output, context }, { threshold }) {
    if (context.length === 0) return notJudged('nothing was retrieved');
    const all = statements(output);
    if (all.length === 0) return notJudged('the answer has no sentence');
    const loose = all.filter(sentence => (support(sentence, context) ?? 1) < threshold);
    return {
      value: (all.length - loose.length) / all.length,
      label: loose.length === 0 ? 'grounded' : '',
      explanation: loose.length === 0 ? '' : `not found: "${excerpt(loose[0]!)}"`,
    };
  },
});
