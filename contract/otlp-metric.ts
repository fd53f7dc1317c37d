import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { range } from './range.ts';

export const otlpMetricKinds = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'] as const;
/** What a metric is; the two kinds of histogram are drawn alike. */
export type OtlpMetricKind = (typeof otlpMetricKinds)[number];

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
        kind: z.enum(otlpMetricKinds),
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
 * Points per interval, counted from midnight UTC; an interval about which nothing is known has none. `value` of a sum is
 * what was added in the interval: delta points as sent, cumulative ones as differences per series and start time, where a
 * changed start time or (of a monotonic one) a fall is a reset. `value` of a gauge is the mean of its series' means.
 * Histograms and summaries give the sum as `value`, and the count; histograms quantiles, estimated within their buckets.
 */
export const otlpMetricSeries = endpoint(
  'GET',
  '/api/v1/otlp-metrics/series',
  'One OTLP metric over time',
  z.object({
    name: z.string().min(1),
    group_by: z.string().optional().describe('an attribute key, or service'),
    service: z.string().optional(),
    unit: z.string().optional().describe('default: that of most points of this name'),
    kind: z.enum(otlpMetricKinds).optional().describe('default: that of most points of this name'),
    interval: z.enum(['minute', '5m', '15m', 'hour', 'day']).optional(),
    ...range,
  }),
  z.object({
    name: z.string(),
    unit: z.string(),
    kind: z.enum(otlpMetricKinds),
    monotonic: z.boolean(),
    interval_s: z.int(),
    series: z.array(
      z.object({
        group: z.string().describe('empty without group_by, and for points that lack the attribute'),
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
