import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

/** OTLP metrics are for charts; tokens, calls and money come from spans alone. */
export const otlpMetrics = endpoint(
  'GET',
  '/api/v1/otlp-metrics',
  'Names of the OTLP metrics that were received, with who sends them',
  z.object(range),
  z.object({
    metrics: z.array(
      z.object({
        name: z.string(),
        unit: z.string(),
        kind: z.enum(['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary']),
        monotonic: z.boolean(),
        services: z.array(z.string()),
        attributes: z.array(z.string()).describe('attribute keys one can group by'),
        points: z.int(),
        last_seen: z.string(),
        /** Services among them that send no spans, for which these charts are all there is. */
        without_spans: z.array(z.string()),
      }),
    ),
  }),
);

const value = z.number().nullable();

/**
 * Points per interval. Sums are what was added in the interval: delta points as sent, cumulative ones as differences per
 * series and start time, where a changed start time or a fall is a reset. Histograms give count, sum and quantiles.
 */
export const otlpMetricSeries = endpoint(
  'GET',
  '/api/v1/otlp-metrics/series',
  'One OTLP metric over time',
  z.object({
    name: z.string().min(1),
    group_by: z.string().optional().describe('an attribute key, or service'),
    service: z.string().optional(),
    interval: z.enum(['minute', '5m', '15m', 'hour', 'day']).optional(),
    ...range,
  }),
  z.object({
    name: z.string(),
    unit: z.string(),
    kind: z.string(),
    interval_s: z.int(),
    series: z.array(
      z.object({
        group: z.string(),
        points: z.array(
          z.object({
            time: z.string(),
            value,
            count: z.number().nullable(),
            p50: value,
            p95: value,
            p99: value,
          }),
        ),
      }),
    ),
  }),
);
