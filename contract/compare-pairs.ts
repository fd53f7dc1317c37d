import { z } from 'zod';
import { armWhere } from './compare.ts';
import { where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

/** One call of a pair. Texts are cut at 400 characters, without private values; null when they are not kept. */
const side = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  time: z.string(),
  /** Mean of the score over this call. */
  score: z.number(),
  model: z.string(),
  prompt: z.string(),
  /** What was asked: the last message of the user. */
  input: z.string().nullable(),
  output: z.string().nullable(),
});
export type ComparedCall = z.infer<typeof side>;

const pair = z.object({
  /** Overlap of the letter triples of both questions, 0 to 1 (as of pg_trgm); 1: the same words. */
  similarity: z.number(),
  /** Score of the candidate − score of the control. */
  difference: z.number(),
  control: side,
  candidate: side,
});
export type ComparedPair = z.infer<typeof pair>;

export const comparePairs = endpoint(
  'GET',
  '/api/v1/compare/pairs',
  'Examples for a comparison: calls of both arms that were asked nearly the same, largest differences first',
  z.object({
    control: armWhere.describe('dimension:value pairs, e.g. variant:a; or attribute:key=value'),
    candidate: armWhere.describe('likewise, e.g. variant:b'),
    ...range,
    where: where.describe('holds for both arms'),
    score: z
      .string()
      .max(128)
      .optional()
      .describe('default: the one shown as quality, else the most frequent'),
    show: z.enum(['worse', 'better']).default('worse').describe('where the candidate is worse, or better'),
    similarity: z.coerce.number().min(0.3).max(1).default(0.5).describe('least overlap of the questions'),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  z.object({
    score: z.string().nullable(),
    better: z.enum(['higher', 'lower']),
    /** Largest difference in the direction asked for first; pairs without one are not among them. */
    pairs: z.array(pair),
    /** How they were found: scored calls of each arm that were looked at, and pairs among them. A call is in one pair at most. */
    looked_at: z.object({
      control: z.int(),
      candidate: z.int(),
      without_text: z.int(),
      matched: z.int(),
    }),
    /** What the reader should know, e.g. that pairs were chosen for their difference and say nothing of the mean. */
    notes: z.array(z.string()),
  }),
);
export type ComparePairs = z.infer<typeof comparePairs.reply>;
