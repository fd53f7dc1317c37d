import type { QuietKind } from '#contract/quiet-drift.ts';
import { type DriftMetric, driftMetrics } from '../drift/metrics.ts';

/** A metric of a series that pages nobody by itself. */
export interface QuietMetric {
  name: string;
  label: string;
  kind: QuietKind;
  drift: DriftMetric;
  /** Buckets a week: usage is judged by the hour, gaps by the day. */
  bucketsPerWeek: number;
  bucketMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Usage is the logarithm of an hour's count, so a shift is a ratio to the season: less than 5 % is nothing. One value an hour: what it
 * varies by comes from the reference alone.
 */
const usage: DriftMetric = {
  ...driftMetrics.quality,
  scale: 'log',
  bad: 'down',
  minShift: 0.05,
  unit: 'number',
};
/** A gap is a difference of shares or scores; in whichever direction it opens, one of the cohorts is worse off. */
const gap: DriftMetric = { ...driftMetrics.quality, bad: 'either', minShift: 0.01, unit: 'number' };

const usageMetric = (name: string, label: string): QuietMetric => ({
  ...{ name: `usage:${name}`, label, kind: 'usage', drift: usage },
  ...{ bucketsPerWeek: 168, bucketMs: hourMs },
});
const gapMetric = (name: string, label: string): QuietMetric => ({
  ...{ name: `fairness:${name}`, label, kind: 'fairness', drift: gap },
  ...{ bucketsPerWeek: 7, bucketMs: dayMs },
});

const all = [
  usageMetric('requests', 'Requests'),
  usageMetric('users', 'Users'),
  usageMetric('sessions', 'Sessions'),
  gapMetric('quality', 'Quality'),
  gapMetric('refusal', 'Refusals'),
  gapMetric('latency', 'Slow answers'),
];
const byName = new Map(all.map(metric => [metric.name, metric]));

/** Null for names that are not known any more. */
export const quietMetric = (name: string): QuietMetric | null => byName.get(name) ?? null;
