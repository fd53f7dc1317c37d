import { z } from 'zod';
import { dimensionList, where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

/** How a score is spread over the calls of one group. Each list has a number for each bin, lowest first. */
const spread = z.object({
  /** The grouped dimensions; empty without any. */
  key: z.record(z.string(), z.string()),
  /** Scores in each bin, each counted once. */
  counts: z.array(z.int()),
  /**
   * Share of each bin, 0 to 1 and together 1: weighted by the inverse of the chance of being scored where that is known (`basis`
   * `weighted`; scores without one are then in `counts` only). Empty without scores.
   */
  shares: z.array(z.number()),
  basis: z.enum(['weighted', 'unknown', 'none']),
  /** Scores; the sum of `counts`. */
  n: z.int(),
  /** Scores that `shares` leaves out because nobody knows their chance. */
  left_out: z.int(),
  /** Answered calls of the group, and those of them without this score. */
  calls: z.int(),
  unscored: z.int(),
});
export type ScoreSpread = z.infer<typeof spread>;

export const scoreDistribution = endpoint(
  'GET',
  '/api/v1/quality/distribution',
  'How a score is spread over calls: a histogram for each group, with the calls nobody scored',
  z.object({
    score: z
      .string()
      .max(128)
      .optional()
      .describe('name of a score; default: the one shown as quality, else the most frequent'),
    group_by: dimensionList,
    ...range,
    where,
    bins: z.coerce.number().int().min(2).max(100).default(20),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(200)
      .default(20)
      .describe('groups, those with most calls first'),
  }),
  z.object({
    /** Null: there is no score in this range. */
    score: z.string().nullable(),
    /** Which values are better. */
    better: z.enum(['higher', 'lower']),
    /**
     * Bounds of the bins, one more than there are bins, the same for every group: 0 to 1 when all scores lie between, else from the
     * lowest to the highest. A bin holds its lower bound; the last one its upper bound too. Empty without scores.
     */
    edges: z.array(z.number()),
    groups: z.array(spread),
    truncated: z.boolean(),
  }),
);
export type ScoreDistribution = z.infer<typeof scoreDistribution.reply>;
