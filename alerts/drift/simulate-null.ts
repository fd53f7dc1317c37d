import { alarmThreshold } from './detector.ts';
import { historyOf } from './history.ts';
import { type DriftMetricId, driftMetrics } from './metrics.ts';
import { poissonMean } from './poisson-mean.ts';
import { bucketMs, dayMs } from './season.ts';
import { initialSeries, stepSeries } from './series.ts';
import { mulberry32, simulateStream } from './simulated-stream.ts';

export interface NullTest {
  seed: number;
  streams: number;
  /** Days that are counted; 28 days of reference come before them. */
  days: number;
  /** B over all series of the test; default one for each 200 of them. */
  falseAlarmsPerWeek?: number;
  /** The metrics of every stream; `rotate` gives each stream one of them in turn. */
  metrics: readonly DriftMetricId[];
  rotate?: boolean;
  wander?: number;
}

export interface NullResult {
  streams: number;
  series: number;
  days: number;
  false_alarms: number;
  /** B × weeks: what the user allowed. */
  budget: number;
  /** Upper one-sided 95 % Poisson limit of the false alarms observed. */
  upper95: number;
  within_budget: boolean;
  /** Alarms a week for 200 series, and their upper limit. */
  false_alarms_per_week_per_200: number;
  upper95_per_week_per_200: number;
  by_metric: Partial<Record<DriftMetricId, number>>;
}

const monday = Date.UTC(2026, 0, 5);
const referenceDays = 28;
const allMetrics = Object.keys(driftMetrics) as DriftMetricId[];

/** Streams in which nothing changes, through the live code with its daily refits: every alarm is a false one. */
export function simulateNull(test: NullTest): NullResult {
  const metrics = test.metrics.length > 0 ? test.metrics : allMetrics;
  const random = mulberry32(test.seed);
  const all = Array.from({ length: test.streams }, (_, stream) => {
    const chosen = test.rotate ? [metrics[stream % metrics.length]!] : metrics;
    // 0.5 to 20 requests a minute, evenly on a logarithmic scale.
    const requestsPerMinute = 0.5 * 40 ** random();
    return chosen.map(metric => ({ metric, requestsPerMinute, seed: Math.floor(random() * 2 ** 32) }));
  }).flat();
  const falseAlarmsPerWeek = test.falseAlarmsPerWeek ?? all.length / 200;
  const threshold = alarmThreshold({ series: all.length, falseAlarmsPerWeek });
  const byMetric: NullResult['by_metric'] = {};
  let falseAlarms = 0;
  for (const one of all) {
    const alarms = falseAlarmsOf({ ...one, wander: test.wander ?? 1, days: test.days }, threshold);
    if (alarms > 0) byMetric[one.metric] = (byMetric[one.metric] ?? 0) + alarms;
    falseAlarms += alarms;
  }
  const budget = (falseAlarmsPerWeek * test.days) / 7;
  return {
    streams: test.streams,
    series: all.length,
    days: test.days,
    ...judged(falseAlarms, budget, all.length * test.days),
    by_metric: byMetric,
  };
}

function judged(falseAlarms: number, budget: number, seriesDays: number) {
  const upper95 = poissonMean(falseAlarms, 0.05);
  const weeksOf200 = seriesDays / 7 / 200;
  return {
    false_alarms: falseAlarms,
    budget,
    upper95,
    within_budget: upper95 <= budget,
    false_alarms_per_week_per_200: falseAlarms / weeksOf200,
    upper95_per_week_per_200: upper95 / weeksOf200,
  };
}

/** Several runs taken together. */
export function pooled(runs: readonly NullResult[]): Omit<NullResult, 'streams' | 'days' | 'by_metric'> {
  const sum = (of: (run: NullResult) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    series: sum(run => run.series),
    ...judged(
      sum(run => run.false_alarms),
      sum(run => run.budget),
      sum(run => run.series * run.days),
    ),
  };
}

function falseAlarmsOf(
  one: { metric: DriftMetricId; requestsPerMinute: number; seed: number; wander: number; days: number },
  threshold: number,
): number {
  const buckets = simulateStream({ ...one, fromMs: monday, days: referenceDays + 1 + one.days });
  const indexAt = (ms: number) => Math.max(0, Math.round((ms - monday) / bucketMs));
  const context = {
    metric: driftMetrics[one.metric],
    threshold,
    history: historyOf(buckets, driftMetrics[one.metric]),
  };
  let state = initialSeries();
  let alarms = 0;
  for (const bucket of buckets.slice(indexAt(monday + (referenceDays + 1) * dayMs))) {
    const step = stepSeries(state, bucket, context);
    state = step.state;
    alarms += step.events.filter(({ kind }) => kind === 'opened' || kind === 'renewed').length;
  }
  return alarms;
}
