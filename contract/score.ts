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

export const postFeedback = endpoint(
  'POST',
  '/api/v1/feedback',
  'What a user thought of an answer',
  z
    .object({
      rating: z.enum(['up', 'down']).optional(),
      value: z.number().min(-1).max(1).optional(),
      comment: z.string().max(8192).optional(),
      ...target,
    })
    .refine(body => body.rating !== undefined || body.value !== undefined, 'give a rating or a value')
    .refine(hasTarget, TARGET_MISSING),
  z.object({ accepted: z.int(), ids: z.array(z.string()) }),
);
