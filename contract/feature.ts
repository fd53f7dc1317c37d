import { z } from 'zod';
import { where } from './dimension.ts';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';
import { usd } from './trace.ts';

const figures = z.object({
  calls: z.int(),
  failed_calls: z.int(),
  /** Mean of the quality score; null when nothing was scored. */
  quality: z.number().nullable(),
  scored_calls: z.int(),
  latency_p95_ms: z.number().nullable(),
  cost_usd: usd.nullable(),
  unpriced_calls: z.int(),
});
export type Figures = z.infer<typeof figures>;

/** One feature now and in the period before; `previous` is null without data to compare with. */
export const featureRow = z.object({
  feature: z.string(),
  now: figures,
  previous: figures.nullable(),
  firing_alerts: z.int(),
});
export type FeatureRow = z.infer<typeof featureRow>;

export const overview = endpoint(
  'GET',
  '/api/v1/overview',
  'Totals and features against the period before, worst change first',
  z.object({ ...range, where }),
  z.object({
    total: z.object({ now: figures, previous: figures.nullable() }),
    features: z.array(featureRow),
    /** Score name used as quality (the most frequent one), empty when nothing was scored. */
    quality_score: z.string(),
    environments: z.array(z.string()),
    data_until: z.string().nullable(),
  }),
);

/** A vertical line on every chart: the first sight of something new, or an alert. */
export const marker = z.object({
  at: z.string(),
  kind: z.enum(['prompt', 'model', 'release', 'finish_reason', 'error_type', 'tool', 'alert']),
  label: z.string(),
  feature: z.string(),
});
export type Marker = z.infer<typeof marker>;

export const markers = endpoint(
  'GET',
  '/api/v1/markers',
  'First sights of models, prompt versions, releases, finish reasons, error types and tools, and alerts',
  z.object({ ...range, where }),
  z.object({ markers: z.array(marker) }),
);
