import type { Observation } from './baseline.ts';

/** Which shifts evidence is weighed for. */
export interface EvidenceOptions {
  /** d0, the smallest shift worth a page, in the metric's scale. */
  minShift: number;
  /** Shifts below slack × d0 give no evidence. Default 0.75. */
  slack?: number;
  /** Assumed shifts as positive multiples of d0; both signs are used. Default 2, 4, 8. */
  grid?: readonly number[];
  /** Residuals are clipped at this many sd. Default 5. */
  clipSds?: number;
}

const defaults = { slack: 0.75, grid: [2, 4, 8], clipSds: 5 } as const;

/** The assumed shifts g in the metric's scale: those upwards, then those downwards. */
export function assumedShifts({ minShift, grid = defaults.grid }: EvidenceOptions): number[] {
  return [...grid, ...grid.map(multiple => -multiple)].map(multiple => multiple * minShift);
}

/** inc(g) = g (r − sign(g) slack d0) / V − g² / (2 V) for every assumed shift, r clipped at ± 5 √V. */
export function increments(
  { residual, variance }: Pick<Observation, 'residual' | 'variance'>,
  options: EvidenceOptions,
): number[] {
  const slack = (options.slack ?? defaults.slack) * options.minShift;
  const limit = (options.clipSds ?? defaults.clipSds) * Math.sqrt(variance);
  const clipped = Math.min(limit, Math.max(-limit, residual));
  return assumedShifts(options).map(
    shift => (shift * (clipped - Math.sign(shift) * slack)) / variance - (shift * shift) / (2 * variance),
  );
}

/**
 * What the increments of a time without a change exceed those of an e-value by: max(0, ln mean exp inc(g)) for every
 * assumed shift. The Gaussian increment is one only for residuals without a heavy tail; a judge that gives 3 % zeros, or an
 * error rate of 1 %, has one, and would break the false-alarm budget by a factor of four. Taken off each increment, the
 * mean of exp inc(g) over the reference is at most 1, which is all that the bound on false alarms asks for (Shin, Ramdas,
 * Rinaldo, E-detectors, 2022).
 */
export function excessOf(
  observations: readonly Pick<Observation, 'residual' | 'variance'>[],
  options: EvidenceOptions,
): number[] {
  const totals = assumedShifts(options).map(() => 0);
  for (const observation of observations) {
    increments(observation, options).forEach((increment, at) => {
      totals[at] = totals[at]! + Math.exp(increment);
    });
  }
  return totals.map(total => Math.max(0, Math.log(total / observations.length)));
}
