import type { Evaluator } from './evaluator.ts';
import { exactMatch } from './exact-match.ts';

/** Everything that can judge an example without asking anybody; a new one is one line here. */
export const evaluators: readonly Evaluator[] = [exactMatch];

/** Undefined when there is none of that name. */
export function evaluatorNamed(name: string): Evaluator | undefined {
  return evaluators.find(evaluator => evaluator.name === name);
}
