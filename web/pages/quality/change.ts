import type { ScoreEstimate } from '#contract/quality.ts';

export type Better = 'higher' | 'lower' | 'none';

/** How a score moved between two times, in the score's own unit. */
export interface Change {
  difference: number;
  /** 95 % interval; null with too few scores on either side. */
  low: number | null;
  high: number | null;
  /** The interval, widened for how many were looked at, leaves out "no change". */
  sure: boolean;
  /** Null when it is not sure, or nobody knows which way is good. */
  verdict: 'better' | 'worse' | null;
}

type Estimate = Pick<ScoreEstimate, 'value' | 'low' | 'high' | 'n'>;

/** A handful of scores that happen to be alike have an interval of no width: below this nothing is called better or worse. */
const LEAST_SCORES = 30;

/**
 * Two estimates are independent, so squares of their half-widths add up. Whoever looks at `looks` features at once finds one in
 * twenty that "moved" by chance: Bonferroni keeps that chance over all of them.
 */
export function changeOf(now: Estimate, before: Estimate | null, better: Better, looks = 1): Change | null {
  if (now.value === null || before === null || before.value === null) return null;
  const difference = now.value - before.value;
  const halves = [halfWidth(now), halfWidth(before)];
  if (halves[0] === null || halves[1] === null)
    return { difference, low: null, high: null, sure: false, verdict: null };
  const half = Math.hypot(halves[0] as number, halves[1] as number);
  const enough = Math.min(now.n, before.n) >= LEAST_SCORES;
  const sure =
    enough && Math.abs(difference) > (half * quantile(0.025 / Math.max(1, looks))) / quantile(0.025);
  const good = better === 'none' ? null : difference > 0 === (better === 'higher');
  const verdict = !sure || good === null ? null : good ? 'better' : 'worse';
  return { difference, low: difference - half, high: difference + half, sure, verdict };
}

const halfWidth = ({ low, high }: Estimate) => (low === null || high === null ? null : (high - low) / 2);

/** Upper quantile of the normal distribution, to 0.0005 (Abramowitz and Stegun 26.2.23). */
function quantile(tail: number): number {
  const t = Math.sqrt(-2 * Math.log(tail));
  return (
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  );
}
