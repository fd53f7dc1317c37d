import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { otlpMetricSeries, otlpMetrics } from '#contract/otlp-metric.ts';
import type { Range } from '../state/range.ts';
import { question } from './ask.ts';

export type OtlpMetric = ReplyOf<typeof otlpMetrics>['metrics'][number];
export type MetricSeries = ReplyOf<typeof otlpMetricSeries>;

/** Senders export metrics about once a minute. */
const REFRESH_MS = 60_000;

/** The OTLP metrics that were received in the range. */
export const useOtlpMetrics = ({ from, to }: Range) =>
  useQuery({
    ...question<typeof otlpMetrics>('/api/v1/otlp-metrics', { from, to }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    select: reply => reply.metrics,
  });

export interface MetricAsked {
  name: string;
  unit: string;
  kind: OtlpMetric['kind'];
  /** An attribute key, `service`, or empty. */
  groupBy: string;
  /** Empty for all services. */
  service: string;
}

/** One of them over time. Another metric's points are never shown in its place. */
export const useOtlpMetricSeries = (
  { from, to }: Range,
  { name, unit, kind, groupBy, service }: MetricAsked,
) =>
  useQuery({
    ...question<typeof otlpMetricSeries>('/api/v1/otlp-metrics/series', {
      from,
      to,
      name,
      unit,
      kind,
      group_by: groupBy,
      service,
    }),
    refetchInterval: REFRESH_MS,
  });
