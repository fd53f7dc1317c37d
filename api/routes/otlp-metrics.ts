import type { Router } from 'express';
import { otlpMetricSeries, otlpMetrics } from '#contract/otlp-metric.ts';
import { readOtlpMetricSeries } from '#store/queries/otlp-metric-series.ts';
import { readOtlpMetrics } from '#store/queries/otlp-metrics.ts';
import { rangeOf } from '../asked.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

const stepsS = { minute: 60, '5m': 300, '15m': 900, hour: 3600, day: 86_400 };

/** What a chart can show, and what one answer may hold. */
const fewEnough = 200;
const mostIntervals = 2000;

export function otlpMetricsRoutes(router: Router, services: Services): void {
  const { clickhouse, projectId, nowMs } = services;

  serve(router, otlpMetrics, async asked => {
    const range = rangeOf(asked, nowMs());
    return { metrics: await readOtlpMetrics(clickhouse, { projectId, ...range }) };
  });

  serve(router, otlpMetricSeries, async asked => {
    const range = rangeOf(asked, nowMs());
    const { name, unit, kind, interval, group_by: groupBy = '', service = '' } = asked;
    const stepS = interval === undefined ? stepFor(range) : stepsS[interval];
    const intervals = (range.toMs - range.fromMs) / 1000 / stepS;
    if (intervals > mostIntervals)
      throw new HttpProblem(
        400,
        `interval: ${interval ?? 'day'} divides this time into ${Math.ceil(intervals)} parts, at most ${mostIntervals} are answered`,
      );
    const question = { projectId, name, unit, kind, groupBy, service, stepS, ...range };
    const metric = await readOtlpMetricSeries(clickhouse, question);
    if (metric === null) throw notFound(`No OTLP metric ${name} was received.`);
    return { name, interval_s: stepS, ...metric };
  });
}

/** The shortest interval that divides the time into few enough parts. */
function stepFor({ fromMs, toMs }: { fromMs: number; toMs: number }): number {
  const spanS = (toMs - fromMs) / 1000;
  return Object.values(stepsS).find(stepS => spanS / stepS <= fewEnough) ?? stepsS.day;
}
