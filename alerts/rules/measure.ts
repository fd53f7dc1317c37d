import type { RuleDefinition, RuleDimension } from '#contract/rule.ts';
import type { GroupBucket } from '#store/queries/rule-stats.ts';
import { logBin } from '../drift/latency-tail.ts';
import { type Windows, windowsOf } from './windows.ts';

export type ThresholdRule = Extract<RuleDefinition, { kind: 'threshold' }>;
export type BudgetRule = Extract<RuleDefinition, { kind: 'budget' }>;
export type SloRule = Extract<RuleDefinition, { kind: 'slo' }>;

export type Unit = '%' | 'ms' | 'usd' | 'points' | 'requests' | 'min' | 'x';

/** How a rule's number comes from roll-ups. */
interface Measure {
  /** Metric name of its roll-up. */
  rollup: string;
  label: string;
  unit: Unit;
  bins: boolean;
  /** A count is itself a verdict on few calls. */
  needsSample: boolean;
  /** Null without values. */
  value(windows: Windows, fromMs: number, toMs: number): number | null;
}

const mean =
  (factor = 1) =>
  (windows: Windows, fromMs: number, toMs: number) => {
    const { n, sum } = windows.between(fromMs, toMs);
    return n > 0 ? (factor * sum) / n : null;
  };
const total = (what: 'n' | 'sum') => (windows: Windows, fromMs: number, toMs: number) => {
  const sums = windows.between(fromMs, toMs);
  return sums.n > 0 ? sums[what] : null;
};
const quantile = (q: number) => (windows: Windows, fromMs: number, toMs: number) =>
  windows.quantile(q, fromMs, toMs);

const sampled = { bins: false, needsSample: true };
const latency = { rollup: 'latency', unit: 'ms', bins: true, needsSample: true } as const;
const measures: Record<string, Measure> = {
  requests: {
    rollup: 'requests',
    label: 'Requests',
    unit: 'requests',
    bins: false,
    needsSample: false,
    value: total('n'),
  },
  error_rate: { rollup: 'error', label: 'Error rate', unit: '%', ...sampled, value: mean(100) },
  refusal_rate: { rollup: 'refusal', label: 'Refusal rate', unit: '%', ...sampled, value: mean(100) },
  latency_p50: { ...latency, label: 'Median latency', value: quantile(0.5) },
  latency_p95: { ...latency, label: 'Latency (p95)', value: quantile(0.95) },
  latency_p99: { ...latency, label: 'Latency (p99)', value: quantile(0.99) },
  ttft_p95: { ...latency, rollup: 'ttft', label: 'Time to first token (p95)', value: quantile(0.95) },
  cost_usd: {
    rollup: 'cost_usd',
    label: 'Cost',
    unit: 'usd',
    bins: false,
    needsSample: false,
    value: total('sum'),
  },
  cost_per_call_usd: { rollup: 'cost_usd', label: 'Cost per call', unit: 'usd', ...sampled, value: mean() },
};

/** The measure of a threshold rule's metric: one of the list, or the mean of a score. */
export function measureOf(metric: string): Measure {
  const known = measures[metric];
  if (known) return known;
  const label = `Mean ${metric.replace(/^score:/, '').replace(/[_.:/-]+/g, ' ')}`;
  return { rollup: metric, label, unit: 'points', ...sampled, value: mean() };
}

/** Roll-ups a rule reads, how far back, and whether with bins. */
export function neededBy(rule: RuleDefinition): { metrics: string[]; windowMs: number; bins: boolean } {
  if (rule.kind === 'threshold') {
    const { rollup, bins } = measureOf(rule.metric);
    return { metrics: [rollup], windowMs: rule.window_s * 1000, bins };
  }
  if (rule.kind === 'absence') return { metrics: ['requests'], windowMs: rule.silent_s * 1000, bins: false };
  if (rule.kind === 'budget') return { metrics: [], windowMs: 900_000, bins: false };
  const { indicator } = rule;
  const rollup = { errors: 'error', latency: 'latency', quality: '' }[indicator.of];
  return {
    metrics: [indicator.of === 'quality' ? `score:${indicator.score}` : rollup],
    windowMs: Math.max(...rule.windows.map(({ long_s }) => long_s)) * 1000,
    bins: indicator.of === 'latency',
  };
}

/** Each bucket as what counted and what of it was bad: n and sum. A quarter of an hour of scores counts as one. */
export function badOf(
  indicator: SloRule['indicator'],
  buckets: readonly GroupBucket[],
): { startMs: number; n: number; sum: number; bins: Record<number, number> }[] {
  return buckets.map(({ startMs, n, sum, bins }) => {
    if (indicator.of === 'errors') return { startMs, n, sum, bins: {} };
    if (indicator.of === 'quality')
      return { startMs, n: 1, sum: n > 0 && sum / n < indicator.at_least ? 1 : 0, bins: {} };
    const cut = logBin(indicator.below_ms);
    let slow = 0;
    for (const [bin, count] of Object.entries(bins)) if (Number(bin) >= cut) slow += count;
    return { startMs, n, sum: slow, bins: {} };
  });
}

/** What one value of group_by holds, ready to be asked for any window. */
export interface GroupWindows {
  labels: Partial<Record<RuleDimension, string>>;
  windows: Windows;
  /** Of an SLO: what was bad of what counted. */
  bad: Windows | null;
  starts: readonly number[];
}

export function groupWindows(
  rule: RuleDefinition,
  labels: GroupWindows['labels'],
  buckets: readonly GroupBucket[],
): GroupWindows {
  return {
    labels,
    windows: windowsOf(buckets),
    bad: rule.kind === 'slo' ? windowsOf(badOf(rule.indicator, buckets)) : null,
    starts: buckets.map(({ startMs }) => startMs),
  };
}
