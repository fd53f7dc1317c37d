import { z } from 'zod';
import { type Condition, splitEscaped, where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

export const compareMetrics = ['quality', 'latency', 'cost', 'errors'] as const;
export type CompareMetric = (typeof compareMetrics)[number];

/** A value of an attribute of any span of the trace, or of its resource: `rollout.phase` is `canary`. */
export interface AttributeCondition {
  attribute: string;
  value: string;
}
export type ArmCondition = Condition | AttributeCondition;

const attributePart = /^attribute:([^=]{1,256})=(.*)$/s;

/** What makes an arm: `dimension:value` parts, and `attribute:key=value` for feature flags and rollout phases without a dimension. */
export const armWhere = z
  .string()
  .default('')
  .transform((text, context): ArmCondition[] =>
    splitEscaped(text).flatMap((part): ArmCondition[] => {
      const found = attributePart.exec(part);
      if (found) return [{ attribute: found[1] ?? '', value: found[2] ?? '' }];
      const read = where.safeParse(part.replaceAll(/[\\,]/g, '\\$&'));
      if (read.success) return read.data;
      context.addIssue(`${read.error.issues[0]?.message}; or attribute:key=value`);
      return [];
    }),
  );

/** `roll_back`: surely worse. `ship`: surely not worse than the margins allow. `hold`: neither is sure yet. */
export const verdicts = ['ship', 'hold', 'roll_back'] as const;

/**
 * `within`: surely no worse than the margin allows. `worse`: surely worse, by how much is open. `beyond`: surely worse than
 * the margin allows. `unsure`: the interval allows both. `too_few`: fewer units than an interval needs. `no_data`: nothing
 * to compare; the check is left out of the verdict, except that nothing ships without quality.
 */
export const checkStates = ['within', 'worse', 'beyond', 'unsure', 'too_few', 'no_data'] as const;

/** One side of one check. `value` is in the unit of the check: null when nothing carries it. */
const checkArm = z.object({
  value: z.number().nullable(),
  /** Calls that carry it, and the units (users, else sessions, else traces) they come from. */
  calls: z.int(),
  units: z.int(),
});

/**
 * One of quality, latency, cost and errors. `difference` is candidate against control; `low` and `high` bound it with
 * `confidence`, at every look at once; `margin` is how much worse is still accepted, in the same unit.
 *
 * | metric | value | difference | margin |
 * |---|---|---|---|
 * | quality | mean score, weighted by inclusion probability | candidate − control | of the score, e.g. 0.02 |
 * | latency | share of calls slower than the control's p95 | candidate − control | share, e.g. 0.05 |
 * | cost | mean USD per call | candidate ÷ control − 1 | e.g. 0.1 is 10 % |
 * | errors | share of failed calls | candidate − control | share, e.g. 0.01 |
 */
export const compareCheck = z.object({
  metric: z.enum(compareMetrics),
  /** Which way is bad for this metric: a score that counts harm is worse when it is higher. */
  worse: z.enum(['lower', 'higher']),
  control: checkArm,
  candidate: checkArm,
  difference: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  confidence: z.number(),
  margin: z.number(),
  state: z.enum(checkStates),
  /** Further calls of both arms together until this check is sure, if things stay as they are; null: cannot be told. */
  calls_needed: z.int().nullable(),
  /** In words, e.g. "Quality is 3.1 points lower, between 1.2 and 5.0". */
  sentence: z.string(),
});
export type CompareCheck = z.infer<typeof compareCheck>;

const arm = z.object({
  calls: z.int(),
  units: z.int(),
  scored_calls: z.int(),
  first_call: z.string().nullable(),
  last_call: z.string().nullable(),
  /** Milliseconds; null without calls. */
  latency_p50_ms: z.number().nullable(),
  latency_p95_ms: z.number().nullable(),
});

export const compare = endpoint(
  'GET',
  '/api/v1/compare',
  'Is the candidate good enough, surely? Two arms of live traffic: ship, hold or roll back, valid however often one looks',
  z.object({
    control: armWhere.describe(
      'dimension:value pairs, e.g. variant:a or prompt:greeting v3,environment:prod; or attribute:rollout.phase=stable',
    ),
    candidate: armWhere.describe('likewise, e.g. variant:b'),
    ...range,
    where: where.describe('holds for both arms'),
    score: z
      .string()
      .max(128)
      .optional()
      .describe('default: the one shown as quality, else the most frequent'),
    quality_margin: z.coerce.number().gt(0).max(100).default(0.02).describe('loss of score still accepted'),
    latency_margin: z.coerce
      .number()
      .gt(0)
      .max(1)
      .default(0.05)
      .describe("further share of calls that may be slower than the control's p95"),
    cost_margin: z.coerce.number().gt(0).max(100).default(0.1).describe('0.1: 10 % more per call'),
    error_margin: z.coerce
      .number()
      .gt(0)
      .max(1)
      .default(0.01)
      .describe('further share of calls that may fail'),
    level: z.coerce
      .number()
      .gt(0)
      .max(0.5)
      .default(0.05)
      .describe('chance of ever rolling back a candidate that is as good, over all looks'),
    candidate_share: z.coerce
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('share of users meant to get the candidate; a mismatch is warned of'),
  }),
  z.object({
    verdict: z.enum(verdicts),
    /** The verdict in one sentence, and why, most important first. */
    sentence: z.string(),
    reasons: z.array(z.string()),
    /** Name of the score behind quality; null: there is none. */
    score: z.string().nullable(),
    level: z.number(),
    from: z.string(),
    to: z.string(),
    control: arm,
    candidate: arm,
    /** quality, latency, cost, errors; always all four. */
    checks: z.array(compareCheck),
    /** What is missing for a verdict, if things stay as they are; null when there is one or it cannot be told. */
    needed: z
      .object({
        verdict: z.enum(['ship', 'roll_back']),
        calls: z.int(),
        /** At the pace of this range. */
        hours: z.number(),
      })
      .nullable(),
    /** Null: no share was named. `p` holds at every look; `mismatch` below 0.01. */
    sample_ratio: z
      .object({
        expected: z.number(),
        observed: z.number().nullable(),
        units: z.int(),
        p: z.number(),
        mismatch: z.boolean(),
        sentence: z.string(),
      })
      .nullable(),
    /** Difference in quality as it stood after each part of the range, oldest first; null where there was too little. */
    series: z.array(
      z.object({
        time: z.string(),
        difference: z.number().nullable(),
        low: z.number().nullable(),
        high: z.number().nullable(),
      }),
    ),
    /** What the reader should know, e.g. that the range moves with the clock, or users were in both arms. */
    notes: z.array(z.string()),
  }),
);
export type Comparison = z.infer<typeof compare.reply>;
