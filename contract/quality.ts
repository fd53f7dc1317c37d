import { z } from 'zod';
import { dimensionList, where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { intervals } from './measure.ts';
import { instant, range } from './range.ts';

/**
 * The mean of a score over calls. Where the chance of being scored is known, each score counts by its inverse, so that a sample
 * speaks for all calls; where nobody knows it (`basis` `unknown`: feedback, scores sent without it) the mean is of what was scored
 * only and is never mixed with the other.
 */
export const scoreEstimate = z.object({
  /** Null: no score. */
  value: z.number().nullable(),
  /** 95 % interval of what the feature does: how calls like these score. Use it to compare. Null with too few scores. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** 95 % interval of the mean of just these calls; no width when all of them are scored, null when `basis` is unknown. */
  calls_low: z.number().nullable(),
  calls_high: z.number().nullable(),
  basis: z.enum(['weighted', 'unknown', 'none']),
  /** Scores behind the value. */
  n: z.int(),
  /** Kish: as many equally weighted scores would be as sure. */
  effective_n: z.number(),
  /** Scores left out because nobody knows their chance. */
  left_out: z.int(),
  /** Of the same scores, each counted once: what one gets by forgetting how they were chosen. */
  unweighted_mean: z.number().nullable(),
  /** Answered calls in the group (no failures, embeddings, reranks, calls of judges), and the share of them that was scored. */
  calls: z.int(),
  coverage: z.number().nullable(),
});
export type ScoreEstimate = z.infer<typeof scoreEstimate>;

/** `key` holds the grouped dimensions; `time` is the start of the bucket, ISO 8601 with the zone's offset. */
const estimateRow = scoreEstimate.extend({
  key: z.record(z.string(), z.string()),
  time: z.string().nullable(),
});
export type QualityRow = z.infer<typeof estimateRow>;

export const quality = endpoint(
  'GET',
  '/api/v1/quality',
  'A score over calls, grouped and over time, with how sure it is',
  z.object({
    score: z
      .string()
      .max(128)
      .optional()
      .describe('name of a score; default: the one shown as quality, else the most frequent'),
    group_by: dimensionList,
    interval: z.enum(intervals).optional(),
    ...range,
    where,
    tz: z.string().optional().describe('IANA zone of the buckets; default: the reporting zone'),
    limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  }),
  z.object({
    score: z.string().nullable(),
    /** Names of scores of calls in this range, most frequent first. */
    scores: z.array(z.object({ name: z.string(), n: z.int(), evaluators: z.array(z.string()) })),
    rows: z.array(estimateRow),
    /** All rows together, groups and buckets; null without a score, or when there are more rows than these. */
    total: scoreEstimate.nullable(),
    /** Buckets that end later are provisional, as of measures; scores come after their calls. */
    complete_until: z.string().nullable(),
    truncated: z.boolean(),
  }),
);

export const qualityScores = endpoint(
  'GET',
  '/api/v1/quality/scores',
  'Each score of a time over all calls, with how sure it is, beside another time',
  z.object({
    ...range,
    before_from: instant.optional().describe('a time to compare with; both or none'),
    before_to: instant.optional(),
    where,
    limit: z.coerce.number().int().min(1).max(50).default(10).describe('the most frequent ones'),
  }),
  z.object({
    scores: z.array(
      z.object({
        name: z.string(),
        evaluators: z.array(z.string()),
        now: scoreEstimate,
        /** Null without a time to compare with. */
        before: scoreEstimate.nullable(),
      }),
    ),
    /** Names of scores in the range, those beyond the limit too. */
    names: z.int(),
  }),
);
