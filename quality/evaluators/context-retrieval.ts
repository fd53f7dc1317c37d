import { z } from 'zod';
import { defineEvaluator, notJudged } from './evaluator.ts';
import { statements, support } from './overlap.ts';

const settings = z.object({
  threshold: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('share of word pairs of a statement that makes a passage relevant for it'),
});

/**
 * Average precision of the passages in their order (as in "context precision" of Ragas): the mean of precision@k over the places k of the
 * relevant ones; 0 when none is. A passage is relevant when it supports a statement of the reference.
 */
export function averagePrecision(relevant: readonly boolean[]): number {
  let hits = 0;
  let sum = 0;
  relevant.forEach((isRelevant, at) => {
    if (!isRelevant) return;
    hits += 1;
    sum += hits / (at + 1);
  });
  return hits === 0 ? 0 : sum / hits;
}

export const contextPrecision = defineEvaluator({
  name: 'context_precision',
  version: 1,
  kind: 'retrieval',
  summary: 'Passages that hold something of the reference come first',
  needs: ['reference', 'context'],
  direction: 'higher',
  settings,
  score({ reference, context }, { threshold }) {
    const wanted = statements(reference);
    if (context.length === 0 || wanted.length === 0) return notJudged('nothing to compare');
    const relevant = context.map(passage =>
      wanted.some(statement => (support(statement, [passage]) ?? 0) >= threshold),
    );
    const count = relevant.filter(Boolean).length;
    return {
      value: averagePrecision(relevant),
      label: '',
      explanation: `${count} of ${context.length} passages are relevant`,
    };
  },
});

export const contextRecall = defineEvaluator({
  name: 'context_recall',
  version: 1,
  kind: 'retrieval',
  summary: 'Share of the statements of the reference that the passages hold',
  needs: ['reference', 'context'],
  direction: 'higher',
  settings,
  score({ reference, context }, { threshold }) {
    const wanted = statements(reference);
    if (wanted.length === 0) return notJudged('the reference has no statement');
    const found = wanted.filter(statement => (support(statement, context) ?? 0) >= threshold).length;
    return {
      value: found / wanted.length,
      label: '',
      explanation: `${found} of ${wanted.length} statements`,
    };
  },
});
