import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';
import { defect } from './yes-no.ts';

const fillers = /^(?:n\/?a|none|null|undefined|nan|\[\]|\{\}|""|''|\.{2,}|…|-+)$/i;

export const empty = defineEvaluator({
  name: 'empty',
  version: 1,
  kind: 'rule',
  summary: 'The answer says nothing, and calls no tool',
  needs: ['output'],
  direction: 'lower',
  settings: z.object({}),
  score({ output, toolCalls }) {
    const text = output.trim();
    const isEmpty =
      text === '' || !/[\p{L}\p{N}\p{S}\p{Extended_Pictographic}]/u.test(text) || fillers.test(text);
    return defect(isEmpty && !toolCalls?.length, 'empty', 'has_text', text && `only "${text.slice(0, 40)}"`);
  },
});
