import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** A judgement of a span, response, trace or session. A missing value is not zero. */
export const score = z.object({
  score_id: z.string(),
  time: z.string(),
  name: z.string(),
  value: z.number().nullable(),
  label: z.string(),
  explanation: z.string(),
  source: z.string(),
  target: z.string(),
  trace_id: z.string(),
  span_id: z.string(),
  response_id: z.string(),
  session: z.string(),
});
export type Score = z.infer<typeof score>;

/** Who or what gave a score. */
export const raters = ['rule', 'judge', 'human', 'user'] as const;

const target = {
  trace_id: z
    .string()
    .regex(/^[0-9a-fA-F]{32}$/, '32 hex digits')
    .optional(),
  span_id: z
    .string()
    .regex(/^[0-9a-fA-F]{16}$/, '16 hex digits')
    .optional(),
  response_id: z.string().min(1).max(256).optional(),
  session_id: z.string().min(1).max(256).optional(),
};

const hasTarget = (body: {
  trace_id?: string | undefined;
  response_id?: string | undefined;
  session_id?: string | undefined;
}) => Boolean(body.trace_id ?? body.response_id ?? body.session_id);
const TARGET_MISSING = 'name what is judged: trace_id (with span_id), response_id or session_id';

const scoreInput = z
  .object({
    id: z.string().min(1).max(128).optional().describe('your own id: sending it again replaces the score'),
    name: z.string().min(1).max(128),
    value: z.number().optional(),
    label: z.string().max(256).optional(),
    explanation: z.string().max(8192).optional(),
    time: z.iso.datetime({ offset: true }).optional(),
    inclusion_probability: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('the chance with which this was chosen to be scored; 1 when everything is'),
    evaluator: z
      .string()
      .max(128)
      .optional()
      .describe('what scored it and in which version, e.g. relevancy@3'),
    rater: z.enum(raters).optional(),
    ...target,
  })
  .refine(body => body.value !== undefined || body.label !== undefined, 'give a value or a label')
  .refine(hasTarget, TARGET_MISSING);
export type ScoreInput = z.infer<typeof scoreInput>;

export const postScores = endpoint(
  'POST',
  '/api/v1/scores',
  'Score what was or will be received, one or many',
  z.union([scoreInput, z.object({ scores: z.array(scoreInput).min(1).max(1000) })]),
  z.object({ accepted: z.int(), ids: z.array(z.string()) }),
);

/** Built-in scores that are rates of a defect: lower is better, and none of them stands for quality. */
export const defectScores: readonly string[] = [
  'refusal',
  'empty',
  'truncated',
  'repetition',
  'toxicity',
  'pii_leak',
];

/** Names of the scores that feedback becomes; the text of a correction is its `explanation`, a flag's word its `label`. */
export const feedbackNames = {
  rating: 'user_feedback',
  correction: 'user_correction',
  flag: 'user_flag',
} as const;

const feedback = z
  .object({
    id: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe('your own id: sending it again replaces what was said'),
    rating: z.enum(['up', 'down']).optional(),
    value: z.number().min(-1).max(1).optional().describe('a rating of your own scale, moved to -1 to 1'),
    comment: z.string().max(8192).optional(),
    correction: z.string().min(1).max(65_536).optional().describe('the better answer'),
    flag: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('what is wrong with the answer: unsafe, off_topic, …'),
    ...target,
  })
  .refine(
    body => [body.rating, body.value, body.correction, body.flag].some(said => said !== undefined),
    'give a rating, a value, a correction or a flag',
  )
  .refine(hasTarget, TARGET_MISSING);
export type Feedback = z.infer<typeof feedback>;

export const postFeedback = endpoint(
  'POST',
  '/api/v1/feedback',
  'What a user thought of an answer: thumbs, a rating, the better answer, a flag',
  feedback,
  z.object({ accepted: z.int(), ids: z.array(z.string()) }),
);
