import { placeOf } from './places.ts';
import type { Reading } from './reading.ts';
import { remember } from './remember.ts';

/** What calls are for that judge other calls; a line of its own in the ledger. */
const EVALUATION = 'evaluation';

const operation = placeOf('gen_ai.operation.name');
const openInferenceKind = placeOf('openinference.span.kind');
const observationType = placeOf('langfuse.observation.type');

/** `llm-judge`, `evaluator`, `answer_evaluation`, `evals`: a word of its own, so that `medieval` and `retrieval` are none. */
const judging =
  /(^|[^a-z])(evals?|evaluat(e|or|ors|ion|ions)|llm[^a-z]?(as[^a-z]?a[^a-z]?)?judge)([^a-z]|$)/i;

const saysEvaluation = remember((word: string) => judging.test(word));

/**
 * What a span says that it and the calls below it are for; undefined when it says nothing. A guardrail guards the answer that is
 * being given: it is part of what that answer costs.
 */
export function purposeOf({ values }: Reading, agent: string | undefined): string | undefined {
  if (values[openInferenceKind]?.toUpperCase() === 'EVALUATOR') return EVALUATION;
  if (values[observationType] === 'evaluator') return EVALUATION;
  const named = values[operation];
  if (named !== undefined && saysEvaluation(named)) return EVALUATION;
  return agent !== undefined && saysEvaluation(agent) ? EVALUATION : undefined;
}

/** The purpose in our words: other names of evaluation are that one. */
export function normalPurpose(sent: string | undefined): string | undefined {
  if (sent === undefined) return undefined;
  return saysEvaluation(sent) ? EVALUATION : sent.trim();
}
