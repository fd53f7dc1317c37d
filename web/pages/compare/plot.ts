import type { CompareCheck } from '#contract/compare.ts';

/** How many margins the plot reaches to either side. */
export const REACH = 3;

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

const clamp = (value: number) => Math.min(REACH, Math.max(-REACH, value));

/** A check on the common scale of margins, so that four units share one plot. */
export function barOf({ metric, state, worse, difference, low, high, margin }: CompareCheck): Bar {
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
    cutLeft: ends[0] < -REACH,
    cutRight: ends[1] > REACH,
  };
}
