import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';
import { nGrams, total } from './n-grams.ts';
import { words } from './words.ts';

/** Looked at: the end, where loops are. */
const mostWords = 4_000;

/**
 * Share of the runs of `n` words that were there before, 0 to 1: 1 - distinct / all (Welleck et al. 2020, "Neural Text Generation with
 * Unlikelihood Training", rep-n). 0 for texts shorter than that.
 */
export function repeatedShare(text: string, n: number): number {
  const grams = nGrams(words(text).slice(-mostWords), n);
  const all = total(grams);
  return all === 0 ? 0 : 1 - grams.size / all;
}

export const repetition = defineEvaluator({
  name: 'repetition',
  version: 1,
  kind: 'rule',
  summary: 'Share of the text that repeats itself (rep-4)',
  needs: ['output'],
  direction: 'lower',
  settings: z.object({
    words: z.int().min(1).max(10).default(4).describe('length of the runs that are compared'),
  }),
  score({ output }, { words: n }) {
    const value = repeatedShare(output, n);
    return { value, label: value > 0.5 ? 'loops' : '', explanation: '' };
  },
});
