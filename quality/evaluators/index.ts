import { bleu } from './bleu.ts';
import { chrfScore } from './chrf.ts';
import { citationPresent } from './citation.ts';
import { contextPrecision, contextRecall } from './context-retrieval.ts';
import { empty } from './empty.ts';
import type { Evaluator } from './evaluator.ts';
import { exactMatch } from './exact-match.ts';
import { groundedness } from './groundedness.ts';
import { jsonSchema } from './json-schema.ts';
import { language } from './language.ts';
import { length } from './length.ts';
import { piiLeak } from './pii-leak.ts';
import { refusal } from './refusal.ts';
import { regex } from './regex.ts';
import { repetition } from './repetition.ts';
import { rouge1, rouge2, rougeLongest } from './rouge.ts';
import { tokenF1Score } from './token-f1.ts';
import { toolCallValid } from './tool-call-valid.ts';
import { toolCallsMatch } from './tool-calls-match.ts';
import { toxicity } from './toxicity.ts';
import { truncated } from './truncated.ts';

/** Everything that can judge an example without asking anybody; a new one is one line here. */
export const evaluators: readonly Evaluator[] = [
  refusal,
  empty,
  truncated,
  repetition,
  language,
  length,
  toxicity,
  piiLeak,
  citationPresent,
  toolCallValid,
  toolCallsMatch,
  jsonSchema,
  regex,
  groundedness,
  contextPrecision,
  contextRecall,
  exactMatch,
  tokenF1Score,
  bleu,
  rouge1,
  rouge2,
  rougeLongest,
  chrfScore,
];
