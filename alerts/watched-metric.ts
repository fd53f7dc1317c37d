import { parseCustomMetric } from '#contract/drift.ts';
import { defectScores } from '#contract/score.ts';
import { type DriftMetric, driftMetrics } from './drift/metrics.ts';

/** A metric of an incident: `error`, `cost`, …, `score:<name>` or one made by `customMetric`. */
export interface WatchedMetric {
  name: string;
  /** Its rows in the roll-up. */
  rollup: string;
  drift: DriftMetric;
  /**
   * What the reader of a page loses: `answers` when answers get worse or fail, `load` for what comes with time, length
   * and money. A worse kind takes over an incident, the same or a milder one joins it.
   */
  kind: 'answers' | 'load';
}

const byRollup = new Map(
  Object.values(driftMetrics)
    .filter(({ id }) => id !== 'quality')
    .map(drift => [drift.rollup as string, drift]),
);
const scorePrefix = 'score:';

// Judges of harm count upwards: for these names a rise is the bad direction.
const lowerIsBetter = /toxic|hallucinat|harm|bias|unsafe|leak|pii|violation|jailbreak|injection/i;

/**
 * The watched metric behind a roll-up's metric name, null for roll-ups nobody watches. `scoreSize` is the magnitude of
 * the score's values: d0 is meant for scores within [-1, 1], a judge that answers 1 to 5 moves in proportion.
 */
export function watchedMetric(rollup: string, scoreSize = 1): WatchedMetric | null {
  if (rollup.startsWith(scorePrefix)) {
    const { quality } = driftMetrics;
    const isDefect = defectScores.includes(rollup.slice(scorePrefix.length)) || lowerIsBetter.test(rollup);
    const bad = isDefect ? 'up' : quality.bad;
    const drift: DriftMetric = { ...quality, bad, minShift: quality.minShift * scoreSize };
    return { name: rollup, rollup, drift, kind: 'answers' };
  }
  const custom = parseCustomMetric(rollup);
  if (custom) {
    const { scale, bad, smallest_shift: shift } = custom;
    const minShift = scale === 'log' ? Math.log1p(shift) : shift;
    const drift: DriftMetric = { ...driftMetrics.quality, scale, bad, minShift, unit: 'number' };
    return { name: rollup, rollup, drift, kind: 'load' };
  }
  const drift = byRollup.get(rollup);
  if (!drift) return null;
  const kind = drift.id === 'error' || drift.id === 'refusal' ? 'answers' : 'load';
  return { name: drift.id, rollup, drift, kind };
}

/** The roll-up's metric name of an incident's metric. */
export function rollupOf(metric: string): string {
  if (metric.startsWith(scorePrefix) || parseCustomMetric(metric)) return metric;
  return driftMetrics[metric as Exclude<DriftMetric['id'], 'quality'>].rollup;
}

export const scoreName = (metric: string): string | null =>
  metric.startsWith(scorePrefix) ? metric.slice(scorePrefix.length) : null;
