import { RE2JS } from 're2js';
import { z } from 'zod';
import { defineEvaluator } from './evaluator.ts';

// RE2 takes time linear in the text: a pattern of a user cannot hang the process.
const pattern = z
  .string()
  .min(1)
  .max(2_000)
  .transform((text, context) => {
    try {
      return RE2JS.compile(text);
    } catch (error) {
      context.addIssue(`is no RE2 pattern: ${error instanceof Error ? error.message : String(error)}`);
      return z.NEVER;
    }
  });

export const regex = defineEvaluator({
  name: 'regex',
  version: 1,
  kind: 'reference',
  summary: 'The answer matches a pattern (RE2 syntax)',
  needs: ['output'],
  direction: 'higher',
  settings: z.object({
    pattern,
    whole: z.boolean().default(false).describe('the whole answer must match, not a part of it'),
    expected: z.enum(['match', 'no_match']).default('match'),
  }),
  score({ output }, { pattern, whole, expected }) {
    const found = whole ? pattern.matches(output) : pattern.matcher(output).find();
    return {
      value: found === (expected === 'match') ? 1 : 0,
      label: found ? 'match' : 'no_match',
      explanation: '',
    };
  },
});
