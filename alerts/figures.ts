import { inProductUnits } from './drift/metrics.ts';
import type { Finding } from './finding.ts';
import type { DisplayUnit } from './numbers.ts';
import { rollupOf, type WatchedMetric, watchedMetric } from './watched-metric.ts';

/** What a finding reads in: `shift` is `after - before` with its 95 % limits, all in `unit`. */
export interface Figures {
  before: number;
  after: number;
  shift: { value: number; low: number; high: number };
  unit: DisplayUnit;
}

export function metricOf(finding: Pick<Finding, 'metric' | 'scoreSize'>): WatchedMetric {
  const metric = watchedMetric(rollupOf(finding.metric), finding.scoreSize);
  if (!metric) throw new Error(`"${finding.metric}" is not a metric that is watched`);
  return metric;
}

/** The finding's numbers in the unit a person reads. */
export function figuresOf(finding: Finding): Figures {
  const tail = tailFigures(finding);
  if (tail) return tail;
  const unit = unitOf(finding);
  const show = displayed(finding);
  const [before, after] = [show(finding.before), show(finding.after)];
  return {
    before,
    after,
    shift: {
      value: after - before,
      low: show(finding.before + finding.low) - before,
      high: show(finding.before + finding.high) - before,
    },
    unit,
  };
}

/** Turns a mean in the metric's scale into the unit of `unitOf`. */
export function displayed(finding: Pick<Finding, 'metric' | 'scoreSize'>): (mean: number) => number {
  const { drift } = metricOf(finding);
  return mean => (drift.unit === 'share' ? 100 * mean : inProductUnits(drift, mean));
}

export function unitOf(finding: Pick<Finding, 'metric' | 'scoreSize'>): DisplayUnit {
  const { unit } = metricOf(finding).drift;
  if (unit === 'share') return '%';
  if (unit === 'score') return finding.scoreSize === 1 ? 'points' : 'score';
  return unit;
}

/**
 * The latency tail is tested as a share of slow calls and read as p95 in milliseconds. The limits are those of the
 * share, stretched in proportion. Null when p95 is unknown or moved by less than the histogram can tell: then the share
 * itself is shown.
 */
function tailFigures({ metric, p95, low, high, before, after }: Finding): Figures | null {
  const share = after - before;
  if (metric !== 'latency_tail' || !p95 || share === 0) return null;
  const value = p95.afterMs - p95.beforeMs;
  if (Math.sign(value) !== Math.sign(share)) return null;
  const limits = { low: (value * low) / share, high: (value * high) / share };
  return { before: p95.beforeMs, after: p95.afterMs, shift: { value, ...limits }, unit: 'ms' };
}
