import type { DetectorState } from './drift/detector.ts';
import type { OpenShift } from './drift/open-shift.ts';

type Hypothesis = DetectorState['hypotheses'][number];

/**
 * While a finding stands, the detector goes on gathering evidence against the same frozen baseline. When that evidence
 * reaches the threshold again it usually says "still so"; but an improvement may also have turned into something worse
 * than before. Given the detector's state just before the alarm, returns the shift that replaces the open one, or null
 * while the direction is the same.
 */
export function reversal(before: DetectorState, open: OpenShift, atMs: number): OpenShift | null {
  const winner = before.hypotheses.reduce<Hypothesis | null>(
    (best, one) => ((one.logEvidence ?? -Infinity) > (best?.logEvidence ?? -Infinity) ? one : best),
    null,
  );
  if (!winner || winner.sinceMs === null || winner.sums.information === 0) return null;
  const direction = winner.sums.weightedResidual > 0 ? 'up' : 'down';
  if (direction === open.direction) return null;
  const { sinceMs, sums } = winner;
  return {
    openedAtMs: atMs,
    changeStartMs: sinceMs,
    direction,
    sums,
    hours: [],
    lastValueMs: open.lastValueMs,
  };
}
