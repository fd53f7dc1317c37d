import type { checkStates } from '#contract/compare.ts';
import { type ArmSums, meanOf } from './arm-sums.ts';
import { growthUntil, radius, rhoFor } from './normal-mixture.ts';

export type CheckState = (typeof checkStates)[number];

/** How two arms are compared in one number. */
export interface HarmOptions {
  /** Harm that is still accepted, positive, in the unit of the difference. */
  margin: number;
  /** 1 minus the confidence of the interval. */
  alpha: number;
  worse: 'lower' | 'higher';
  /** How far two single values can lie apart; see `meanOf`. */
  reach: number;
  /** `ratio`: the difference is candidate ÷ control − 1, of values that are never negative. */
  scale: 'difference' | 'ratio';
}

export interface Harm {
  difference: number | null;
  /** Null: not bounded on this side. */
  low: number | null;
  high: number | null;
  state: CheckState;
  /** By how much more there must be of everything until it is surely within the margin, or surely harm; null: cannot be told. */
  until(): Until;
}

export interface Until {
  within: number | null;
  beyond: number | null;
  worse: number | null;
}

/** Below it a mean over units is not nearly normal. */
export const fewestUnits = 30;

const unknown = (): Until => ({ within: null, beyond: null, worse: null });

/** Candidate against control with an interval that holds at every look, and where it lies. */
export function harmOf(control: ArmSums, candidate: ArmSums, options: HarmOptions): Harm {
  const before = meanOf(control, options.reach);
  const after = meanOf(candidate, options.reach);
  const missing = { difference: null, low: null, high: null };
  if (!before || !after) return { ...missing, state: 'no_data', until: unknown };
  if (options.scale === 'ratio' && !(before.value > 0))
    return { ...missing, state: 'no_data', until: unknown };
  const difference = options.scale === 'ratio' ? after.value / before.value - 1 : after.value - before.value;
  const units = Math.min(control.units, candidate.units);
  if (units < fewestUnits) return { ...missing, difference, state: 'too_few', until: unknown };
  const { margin, alpha, worse } = options;
  const bounds =
    options.scale === 'ratio'
      ? ratioBounds(before, after, options)
      : differenceBounds(difference, before.variance + after.variance, options);
  const harm = worse === 'higher' ? bounds : { low: negated(bounds.high), high: negated(bounds.low) };
  const size = worse === 'higher' ? difference : -difference;
  const scale = options.scale === 'ratio' ? before.value : 1;
  const variance = after.variance + (options.scale === 'ratio' ? (1 + difference) ** 2 : 1) * before.variance;
  const information = scale ** 2 / variance;
  const boundary = { rho: rhoFor(margin, alpha), alpha };
  const growth = (distance: number) => growthUntil(distance, information, boundary);
  return {
    difference,
    ...bounds,
    state: stateOf(harm, margin),
    until: () => ({ within: growth(margin - size), beyond: growth(size - margin), worse: growth(size) }),
  };
}

const negated = (bound: number | null) => (bound === null ? null : -bound);

function stateOf({ low, high }: { low: number | null; high: number | null }, margin: number): CheckState {
  if (high !== null && high < margin) return 'within';
  if (low !== null && low > margin) return 'beyond';
  return low !== null && low > 0 ? 'worse' : 'unsure';
}

type Bounded = Pick<HarmOptions, 'margin' | 'alpha'>;

function differenceBounds(difference: number, variance: number, { margin, alpha }: Bounded) {
  const off = radius(1 / variance, { rho: rhoFor(margin, alpha), alpha });
  return { low: difference - off, high: difference + off };
}

/**
 * Bounds of candidate ÷ control − 1 by Fieller's argument (Fieller, J. R. Stat. Soc. B 16 (1954) 175-185): all r for which the sequence of
 * candidate − r · control holds 0. At the true ratio that difference has mean 0, so the true ratio is always among them.
 */
function ratioBounds(
  before: { value: number; variance: number },
  after: { value: number; variance: number },
  { margin, alpha }: Bounded,
) {
  const scaled = rhoFor(margin, alpha) / before.value ** 2;
  const holds = (ratio: number) => {
    const variance = after.variance + ratio ** 2 * before.variance;
    // The variance grows with the ratio, and so must what it is tuned to; a function of the ratio alone leaves each sequence valid.
    const rho = (scaled * 2) / (1 + ratio ** 2);
    return Math.abs(after.value - ratio * before.value) <= radius(1 / variance, { rho, alpha });
  };
  const ratio = after.value / before.value;
  const most = 1e3 * (1 + ratio);
  const edge = (inside: number, outside: number) => {
    let [held, left] = [inside, outside];
    for (let step = 0; step < 40; step += 1) {
      const middle = (held + left) / 2;
      if (holds(middle)) held = middle;
      else left = middle;
    }
    return held;
  };
  return {
    low: holds(0) ? -1 : edge(ratio, 0) - 1,
    high: holds(most) ? null : edge(ratio, most) - 1,
  };
}
