import type { CompareCheck, CompareMetric, verdicts } from '#contract/compare.ts';
import type { ArmSums } from './arm-sums.ts';
import { type Harm, harmOf } from './harm.ts';

export type Verdict = (typeof verdicts)[number];

/** Sums of one metric in both arms. */
export interface Sides {
  control: ArmSums;
  candidate: ArmSums;
}

export interface VerdictOptions {
  margins: Record<CompareMetric, number>;
  /** Chance of ever rolling back a candidate that is as good. */
  level: number;
  /** Which way the score is worse. */
  qualityWorse: 'lower' | 'higher';
  /** How far two scores can lie apart. */
  scoreReach: number;
}

export interface Checked {
  metric: CompareMetric;
  sides: Sides;
  harm: Harm;
  check: Omit<CompareCheck, 'calls_needed' | 'sentence'>;
}

export interface Decided {
  verdict: Verdict;
  checks: Checked[];
  /** By how much more there must be of everything, and what would be said then; null: cannot be told, or nothing is missing. */
  growth(): Growth | null;
}

export interface Growth {
  verdict: 'ship' | 'roll_back';
  factor: number;
}

/**
 * Shares of the level. Any one of the four alone can roll back, so their errors add up to the level at most (Bonferroni); shipping
 * needs all of them, which costs nothing (intersection-union test).
 */
const shareOfLevel: Record<CompareMetric, number> = {
  quality: 1 / 2,
  latency: 1 / 6,
  cost: 1 / 6,
  errors: 1 / 6,
};

/** 1 minus the confidence of the interval of one metric. */
export const alphaOf = (metric: CompareMetric, level: number) => level * shareOfLevel[metric];

/**
 * Ship: everything that can be compared is surely within its margin, quality among it. Roll back: quality is surely worse before it
 * is surely within its margin, or a guard is surely beyond its own. `sides` are in the contract's units.
 */
export function decide(sides: Record<CompareMetric, Sides>, options: VerdictOptions): Decided {
  const checks = (['quality', 'latency', 'cost', 'errors'] as const).map(metric =>
    checked(metric, sides[metric], options),
  );
  const states = checks.map(({ harm }) => harm.state);
  const isBad = ({ metric, harm }: Checked) =>
    harm.state === 'beyond' || (metric === 'quality' && harm.state === 'worse');
  if (checks.some(isBad)) return { verdict: 'roll_back', checks, growth: () => null };
  const isGood = states[0] === 'within' && states.every(state => state === 'within' || state === 'no_data');
  return { verdict: isGood ? 'ship' : 'hold', checks, growth: () => (isGood ? null : growthOf(checks)) };
}

function checked(metric: CompareMetric, sides: Sides, options: VerdictOptions): Checked {
  const alpha = alphaOf(metric, options.level);
  const margin = options.margins[metric];
  const worse = metric === 'quality' ? options.qualityWorse : 'higher';
  const harm = harmOf(sides.control, sides.candidate, {
    margin,
    alpha,
    worse,
    reach: metric === 'quality' ? options.scoreReach : metric === 'cost' ? 0 : 1,
    scale: metric === 'cost' ? 'ratio' : 'difference',
  });
  const { difference, low, high, state } = harm;
  const check = {
    metric,
    worse,
    control: side(sides.control),
    candidate: side(sides.candidate),
    difference,
    low,
    high,
    confidence: 1 - alpha,
    margin,
    state,
  };
  return { metric, sides, harm, check };
}

function side({ a, w, calls, units }: ArmSums): CompareCheck['control'] {
  return { value: w > 0 ? a / w : null, calls, units };
}

/** Growth until one check says so; for quality being worse is enough. */
export function growthOfCheck({ metric, harm }: Pick<Checked, 'metric' | 'harm'>): {
  within: number | null;
  bad: number | null;
} {
  const { within, beyond, worse } = harm.until();
  return { within, bad: metric === 'quality' ? smaller(worse, beyond) : beyond };
}

function growthOf(checks: readonly Checked[]): Growth | null {
  const compared = checks.filter(({ harm }) => harm.state !== 'no_data');
  if (compared.some(({ harm }) => harm.state === 'too_few')) return null;
  let ship: number | null = compared[0]?.metric === 'quality' ? 1 : null;
  let back: number | null = null;
  for (const one of compared) {
    const { within, bad } = growthOfCheck(one);
    ship = ship === null || within === null ? null : Math.max(ship, within);
    back = smaller(back, bad);
  }
  if (back !== null && (ship === null || back < ship)) return { verdict: 'roll_back', factor: back };
  return ship === null ? null : { verdict: 'ship', factor: ship };
}

const smaller = (one: number | null, other: number | null) =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
