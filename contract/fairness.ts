import { z } from 'zod';
import { dimensions, where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

export const parityMeasures = ['quality', 'refusal', 'latency'] as const;
export type ParityMeasure = (typeof parityMeasures)[number];

/** Cohorts with fewer calls or users are counted, never shown: they would tell of persons. */
export const smallestParityCell = { calls: 50, users: 5 } as const;

/**
 * One cohort against all others together. quality: mean score; refusal: share of calls that were refused; latency: share of
 * calls slower than the p95 of all. The interval holds at every look; `flagged` after the control for multiplicity.
 */
export const parityGap = z.object({
  measure: z.enum(parityMeasures),
  value: z.number().nullable(),
  others: z.number().nullable(),
  /** value − others. */
  gap: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  calls: z.int(),
  /** Evidence against "no gap": an e-value, 20 is strong; null with too little data. */
  e_value: z.number().nullable(),
  flagged: z.boolean(),
  /** Whether the gap is to the cohort's disadvantage. */
  disadvantage: z.boolean(),
});
export type ParityGap = z.infer<typeof parityGap>;

const isBy = (text: string) =>
  (dimensions as readonly string[]).includes(text) || /^attribute:.{1,256}$/.test(text);

export const fairness = endpoint(
  'GET',
  '/api/v1/fairness',
  'Gaps of quality, refusal and latency between cohorts, with how sure they are',
  z.object({
    by: z
      .string()
      .refine(isBy, `one of ${dimensions.join(', ')}, or attribute:<key of a span attribute>`)
      .default('tenant')
      .describe('what makes the cohorts: a dimension, or attribute:<key> for an attribute of the span'),
    ...range,
    where,
    score: z
      .string()
      .max(128)
      .optional()
      .describe('default: the one shown as quality, else the most frequent'),
    smallest_gap: z.coerce.number().min(0).max(1).default(0.02).describe('smaller gaps are never flagged'),
    false_discovery_rate: z.coerce.number().gt(0).max(0.5).default(0.05),
  }),
  z.object({
    by: z.string(),
    score: z.string().nullable(),
    /** Which way the score is good. */
    better: z.enum(['higher', 'lower']),
    /** Largest first; `value` '' are calls that name none. */
    cohorts: z.array(
      z.object({ value: z.string(), calls: z.int(), users: z.int(), gaps: z.array(parityGap) }),
    ),
    /** Not shown: fewer than 50 calls or 5 users each. They do count among the others. */
    small_cohorts: z.object({ cohorts: z.int(), calls: z.int() }),
    flagged: z.int(),
    tests: z.int(),
    /** How multiplicity is controlled, in words. */
    method: z.string(),
    sentence: z.string(),
    notes: z.array(z.string()),
  }),
);
export type Fairness = z.infer<typeof fairness.reply>;
