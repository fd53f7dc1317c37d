import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** What is compared of the inputs and outputs of calls. */
export const shapes = [
  'input_length',
  'output_length',
  'input_language',
  'output_language',
  'input_topic',
  'output_topic',
  'input_embedding',
  'output_embedding',
] as const;
export type Shape = (typeof shapes)[number];

/** Fewer values on either side are not compared: histograms of so few differ by chance alone. */
export const fewestForShape = 500;

/** How far a shape has moved, as people who use these measures say it. No test, and never a page. */
export const shapeBand = z.enum(['steady', 'moved', 'far']);
export type ShapeBand = z.infer<typeof shapeBand>;

/**
 * `not_enough`: fewer than 500 values on one side. `no_content`: the texts are not kept, so nothing is known of them.
 * `not_sent`: calls carry no such value.
 */
export const shapeState = z.enum(['compared', 'not_enough', 'no_content', 'not_sent']);

/** One bar: shares of both windows, 0 to 1. Bounds only where the shape is a size; `high` is exclusive. */
const bin = z.object({
  label: z.string(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reference: z.number(),
  now: z.number(),
});

export const shapeComparison = z.object({
  shape: z.enum(shapes),
  label: z.string(),
  state: shapeState,
  /** Calls the histograms stand on. Texts are a sample of up to 50 an hour (15 of history read later), embeddings of up to 100. */
  now_n: z.int(),
  reference_n: z.int(),
  /** Days of the reference with such values. */
  reference_days: z.int(),
  /** Population stability index on ten bins at the reference's deciles (on all values of a category), floor 1e-4; bands 0.1 and 0.25. */
  psi: z.number().nullable(),
  /** Jensen-Shannon distance, base 2, on the same bins; band 0.1. */
  js_distance: z.number().nullable(),
  /** Wasserstein-1 of the logarithms over the reference's standard deviation; band 0.1. Null for categories. */
  w1_per_sd: z.number().nullable(),
  /** 1 − cosine of the mean embeddings; null for everything else. Without a band. */
  centroid_distance: z.number().nullable(),
  /** The highest band any of the measures reaches; null when nothing was compared. */
  band: shapeBand.nullable(),
  /** The band in words, or why there is none. */
  text: z.string(),
  /** Empty unless compared. */
  bins: z.array(bin),
});
export type ShapeComparison = z.infer<typeof shapeComparison>;

export const driftShape = endpoint(
  'GET',
  '/api/v1/drift/shape',
  'How inputs and outputs of the last 24 h differ in length, language, topic and embedding from the 28 days before',
  z.object({
    feature: z.string().optional(),
    model: z.string().optional(),
    environment: z.string().optional(),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(200)
      .default(50)
      .describe('series, those with most calls first'),
  }),
  z.object({
    /** The window: the last 24 hours, whole hours, [from, to). */
    from: z.string(),
    to: z.string(),
    /** The reference: the 28 days before it, [reference_from, from). */
    reference_from: z.string(),
    /** When the histograms were last brought up to date; null: never yet. */
    rolled_up_until: z.string().nullable(),
    series: z.array(
      z.object({
        feature: z.string(),
        model: z.string(),
        environment: z.string(),
        shapes: z.array(shapeComparison),
      }),
    ),
    truncated: z.boolean(),
  }),
);
export type DriftShape = z.infer<typeof driftShape.reply>;
