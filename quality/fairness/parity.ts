import {
  type ParityGap,
  type ParityMeasure,
  parityMeasures,
  smallestParityCell,
} from '#contract/fairness.ts';
import { type ArmSums, meanOf, noSums, together } from '../canary/arm-sums.ts';
import { logEvidence, radius, rhoFor } from '../canary/normal-mixture.ts';

export interface Cohort {
  value: string;
  calls: number;
  users: number;
  quality: ArmSums;
  refusal: ArmSums;
  latency: ArmSums;
}

export interface ParityOptions {
  /** Smaller gaps are never flagged. */
  smallestGap: number;
  falseDiscoveryRate: number;
  better: 'higher' | 'lower';
}

export interface ParityOfCohort {
  value: string;
  calls: number;
  users: number;
  gaps: ParityGap[];
}

const alpha = 0.05;
/** What the intervals are narrowest for: a gap of this size. */
const expectedGap = 0.03;
const boundary = { rho: rhoFor(expectedGap, alpha), alpha };
export const fewestUnits = 30;

/**
 * Every cohort that is large enough to be shown against all others together, in three measures. Evidence is a mixture e-value, and
 * flags come from the e-BH procedure over everything on the page (Wang and Ramdas, J. R. Stat. Soc. B 84 (2022) 822-852): of K e-values the
 * k largest with k = max{j: e_(j) >= K / (q j)}. It holds the share of false flags at q whatever the dependence, which matters here:
 * a cohort is among the others of its neighbours, and three measures come from the same calls.
 */
export function parity(cohorts: readonly Cohort[], options: ParityOptions): ParityOfCohort[] {
  const shown = cohorts.filter(isShown);
  const found = shown.map(({ value, calls, users, ...sums }) => ({
    value,
    calls,
    users,
    gaps: parityMeasures.map(measure => {
      const others = cohorts.filter(cohort => cohort.value !== value).map(cohort => cohort[measure]);
      return gapOf(measure, sums[measure], others.reduce(together, noSums), options);
    }),
  }));
  const tested = found.flatMap(({ gaps }) => gaps.filter(({ e_value }) => e_value !== null));
  const flags = rejectedByEvidence(
    tested.map(({ e_value }) => e_value ?? 0),
    options.falseDiscoveryRate,
  );
  tested.forEach((gap, at) => {
    gap.flagged = flags[at] === true && Math.abs(gap.gap ?? 0) >= options.smallestGap;
  });
  return found;
}

/** Whether a cohort is large enough to tell of nobody in particular. */
export const isShown = ({ calls, users }: { calls: number; users: number }) =>
  calls >= smallestParityCell.calls && users >= smallestParityCell.users;

function gapOf(measure: ParityMeasure, own: ArmSums, others: ArmSums, { better }: ParityOptions): ParityGap {
  const [here, there] = [meanOf(own, 1), meanOf(others, 1)];
  const gap = here && there ? here.value - there.value : null;
  const isTold = here && there && own.units >= fewestUnits && others.units >= fewestUnits;
  const information = isTold ? 1 / (here.variance + there.variance) : 0;
  const off = radius(information, boundary);
  const isWorseHigher = measure !== 'quality' || better === 'lower';
  return {
    measure,
    value: here?.value ?? null,
    others: there?.value ?? null,
    gap,
    low: isTold && gap !== null ? gap - off : null,
    high: isTold && gap !== null ? gap + off : null,
    calls: own.calls,
    e_value:
      isTold && gap !== null
        ? Math.min(1e12, Math.exp(Math.min(30, logEvidence(gap, information, boundary.rho))))
        : null,
    flagged: false,
    disadvantage: gap !== null && (isWorseHigher ? gap > 0 : gap < 0),
  };
}

/** e-BH: which of the e-values are rejected at this rate of false discoveries. */
export function rejectedByEvidence(values: readonly number[], rate: number): boolean[] {
  const sorted = [...values].sort((a, b) => b - a);
  let least = Number.POSITIVE_INFINITY;
  sorted.forEach((value, at) => {
    if (value >= values.length / (rate * (at + 1))) least = value;
  });
  return values.map(value => value >= least);
}
