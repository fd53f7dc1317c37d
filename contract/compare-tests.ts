import { z } from 'zod';
import { where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { instant, range } from './range.ts';

/** Welch: means. z: rates. Mann–Whitney: ranks of raw values. KS: shape, from 4 % wide bins. Chi-square: categories. */
export const windowTests = [
  'welch',
  'two_proportion_z',
  'mann_whitney',
  'kolmogorov_smirnov',
  'chi_square',
] as const;

/**
 * | test | value of a side | effect | strength, to compare effects with each other |
 * |---|---|---|---|
 * | welch | mean | candidate − control, in `unit`, 95 % interval | Cohen's d |
 * | two_proportion_z | share, 0 to 1 | candidate − control, 95 % interval | Cohen's h |
 * | mann_whitney | median | P(candidate > control) + ½ P(equal) − ½ | twice that |
 * | kolmogorov_smirnov | median | D, 0 to 1 | D |
 * | chi_square | the most frequent value | Cramér's V, 0 to 1 | V |
 */
export const windowTestRow = z.object({
  /** `latency_ms`, `cost_usd`, `failed`, `score:<name>`, `finish_reason`, … */
  measure: z.string(),
  test: z.enum(windowTests),
  unit: z.enum(['ms', 'usd', 'tokens', 'score', 'share', 'none']),
  control: z.object({ n: z.int(), value: z.number().nullable(), text: z.string().nullable() }),
  candidate: z.object({ n: z.int(), value: z.number().nullable(), text: z.string().nullable() }),
  effect: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Candidate ÷ control − 1; null where a ratio says nothing. */
  relative: z.number().nullable(),
  strength: z.number().nullable(),
  /** Two-sided; null: no test can be made, `note` says why. */
  p: z.number().nullable(),
  /** Over all rows with a p, by `adjustment`. */
  p_adjusted: z.number().nullable(),
  /** Adjusted p at most `level`. */
  differs: z.boolean(),
  /** Effect sizes of the shape, which are no tests; null below 500 values a side. */
  shape: z
    .object({ psi: z.number(), jensen_shannon: z.number(), wasserstein_per_sd: z.number().nullable() })
    .nullable(),
  /** What makes it weak, e.g. that there are few values; empty when nothing does. */
  note: z.string(),
});
export type WindowTestRow = z.infer<typeof windowTestRow>;

const window = z.object({ from: z.string(), to: z.string(), calls: z.int(), complete: z.boolean() });

export const compareTests = endpoint(
  'GET',
  '/api/v1/compare/tests',
  'Every measure of two groups of calls or two windows, tested once: effect size, p, and p adjusted for their number',
  z.object({
    control: where.describe('dimension:value pairs; empty: all calls of its window'),
    candidate: where.describe('dimension:value pairs; empty: all calls of its window'),
    ...range,
    control_from: instant.optional().describe("start of the control's window; default: from"),
    control_to: instant.optional().describe("end of the control's window; default: to"),
    where: where.describe('holds for both'),
    level: z.coerce
      .number()
      .gt(0)
      .max(0.5)
      .default(0.1)
      .describe('share of false finds among those that differ'),
  }),
  z.object({
    control: window,
    candidate: window,
    /** Calls that are in both. */
    shared_calls: z.int(),
    level: z.number(),
    /** Benjamini–Hochberg; Benjamini–Yekutieli, valid under any dependence, when calls are in both. */
    adjustment: z.enum(['bh', 'by']),
    /** Those that differ first, then the others, each by strength; rows without a test last. */
    rows: z.array(windowTestRow),
    /** What the reader should know. */
    notes: z.array(z.string()),
  }),
);
export type WindowTests = z.infer<typeof compareTests.reply>;
