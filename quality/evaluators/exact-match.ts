import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';

const settings = z.object({
  ignore_case: z.boolean().default(false).describe('upper and lower case are the same'),
  ignore_space: z.boolean().default(true).describe('runs of white space are one space, none at the ends'),
});

export const exactMatch = defineEvaluator({
  name: 'exact_match',
  version: 1,
  kind: 'reference',
  summary: 'The answer is the reference, letter by letter',
  needs: ['output', 'reference'],
  direction: 'higher',
  settings,
  score({ output, reference }, settings) {
    const same = normal(output, settings) === normal(reference, settings);
    return { value: same ? 1 : 0, label: same ? 'same' : 'different', explanation: '' };
  },
});

/** In Unicode form NFC, so that two ways to write one accented letter are the same. */
function normal(text: string, { ignore_case, ignore_space }: z.output<typeof settings>): string {
  const spaced = ignore_space ? text.trim().replaceAll(/\s+/g, ' ') : text;
  return (ignore_case ? spaced.toLowerCase() : spaced).normalize('NFC');
}
