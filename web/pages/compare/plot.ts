import type { CompareCheck } from '#contract/compare.ts';

/** How many margins the plot reaches to either side: all differences, but not every end of an interval. */
export function reachOf(checks: readonly CompareCheck[]): number {
  const sizes = checks.map(({ difference, margin }) => Math.abs(difference ?? 0) / margin);
  return Math.min(12, Math.max(3, Math.ceil(Math.max(0, ...sizes) * 1.2)));
}

export interface Bar {
  metric: CompareCheck['metric'];
  state: CompareCheck['state'];
  /** In margins; right of 0 is better, −1 is the margin. Null without a difference. */
  middle: number | null;
  from: number | null;
  to: number | null;
  /** The interval goes on beyond the plot. */
  cutLeft: boolean;
  cutRight: boolean;
}

/** A check on the common scale of margins, so that four units share one plot. */
export function barOf(check: CompareCheck, reach: number): Bar {
  const { metric, state, worse, difference, low, high, margin } = check;
  const clamp = (value: number) => Math.min(reach, Math.max(-reach, value));
  const sign = worse === 'lower' ? 1 : -1;
  const inMargins = (value: number) => (sign * value) / margin;
  const middle = difference === null ? null : clamp(inMargins(difference));
  if (low === null || high === null)
    return { metric, state, middle, from: null, to: null, cutLeft: false, cutRight: false };
  const ends = [inMargins(low), inMargins(high)].sort((a, b) => a - b) as [number, number];
  return {
    metric,
    state,
    middle,
    from: clamp(ends[0]),
    to: clamp(ends[1]),
    cutLeft: ends[0] < -reach,
    cutRight: ends[1] > reach,
  };
}
