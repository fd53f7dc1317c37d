import { bleu } from './bleu.ts';
import { chrfScore } from './chrf.ts';
import type { Evaluator } from './evaluator.ts';
import { exactMatch } from './exact-match.ts';
import { jsonSchema } from './json-schema.ts';
import { regex } from './regex.ts';
import { rouge1, rouge2, rougeLongest } from './rouge.ts';
import { tokenF1Score } from './token-f1.ts';

/** Everything that can judge an example without asking anybody; a new one is one line here. */
export const evaluators: readonly Evaluator[] = [
  exactMatch,
  regex,
  jsonSchema,
  tokenF1Score,
  bleu,
  rouge1,
  rouge2,
  rougeLongest,
  chrfScore,
];

/** Undefined when there is none of that name. */
export function evaluatorNamed(name: string): Evaluator | undefined {
  return evaluators.find(evaluator => evaluator.name === name);
}
