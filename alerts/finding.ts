import type { Baseline } from './drift/baseline.ts';
import type { Dating } from './drift/open-shift.ts';
import { bucketMs } from './drift/season.ts';

/** One series of calls, as people name it. */
export interface Series {
  feature: string;
  model: string;
  environment: string;
}

/**
 * One metric of one series that moved: what the detector said when it alarmed, refreshed while it lasts. `before`,
 * `after`, `low` and `high` are in the metric's own scale (logarithms for money, length and pace); `figures.ts` turns
 * them into what a person reads. Plain JSON: it is kept as an incident's evidence.
 */
export interface Finding extends Series {
  /** `error`, `cost`, … or `score:<name>`. */
  metric: string;
  direction: 'up' | 'down';
  verdict: 'worse' | 'better' | 'changed';
  /** Estimated start of the change. */
  changedAtMs: number;
  /** Missing when the detector alone says where it began, and in incidents from before changes had an interval. */
  dating?: Dating;
  /** End of the bucket that alarmed. */
  openedAtMs: number;
  closedAtMs: number | null;
  /** Missing while it is open, and on findings from before this was kept. */
  closedBecause?: 'recovered' | 'no_longer_reported' | 'reversed' | 'accepted' | 'retracted';
  logEvidence: number;
  chanceOfNoise: number;
  threshold: number;
  before: number;
  after: number;
  /** Limits of the 95 % confidence sequence of `after - before`. */
  low: number;
  high: number;
  /** Values since the change. */
  requests: number;
  /** For the latency tail: the baseline's p95 and the one since the change, null while unknown. */
  p95: { beforeMs: number; afterMs: number } | null;
  /** Bin above which a call counts as slow, for the latency tail. */
  latencyCutBin: number | null;
  /** Magnitude of a score's values, 1 for scores within [-1, 1]. */
  scoreSize: number;
  /** What was normal, frozen when the detector alarmed. */
  baseline: Baseline;
}

/** Where the change lies with 90 %: from the start of the first bucket it may have begun in to the end of the last. */
export function changedBetween({ dating }: Pick<Finding, 'dating'>): { fromMs: number; toMs: number } | null {
  return dating ? { fromMs: dating.earliestMs, toMs: dating.latestMs + bucketMs } : null;
}

/** Names a series × metric within a project. */
export function seriesKey({ feature, model, environment, metric }: Series & { metric: string }): string {
  return JSON.stringify([feature, model, environment, metric]);
}
