import { requireSample } from './sample.ts';

export interface TwoSidedChart {
  upper: number[];
  lower: number[];
  /** Index of the first alarm; null when there is none. The sums go on after it. */
  firstAlarmIndex: number | null;
}

/** Two-sided CUSUM of standardised values with allowance k, both in sd; alarm above h (Page, Continuous inspection schemes, 1954). */
export function cusum(
  x: readonly number[],
  options: { mu: number; sd: number; k: number; h: number },
): TwoSidedChart {
  requireSample(x, 'x');
  if (!(options.sd > 0)) throw new RangeError('sd must be above zero');
  let upper = 0;
  let lower = 0;
  const sums = x.map(value => {
    const z = (value - options.mu) / options.sd;
    upper = Math.max(0, upper + z - options.k);
    lower = Math.max(0, lower - z - options.k);
    return { upper, lower };
  });
  return chart(sums, ({ upper: up, lower: down }) => Math.max(up, down) > options.h);
}

/**
 * Two-sided Page–Hinkley: as CUSUM but around the running mean, which takes the new value in before the sums do; alarm
 * above lambda once `minInstances` values were seen (Hinkley, Inference about the change-point from cumulative sum tests, 1971;
 * Gama et al., A survey on concept drift adaptation, 2014).
 */
export function pageHinkley(
  x: readonly number[],
  options: { delta: number; lambda: number; minInstances: number },
): TwoSidedChart {
  requireSample(x, 'x');
  let mean = 0;
  let upper = 0;
  let lower = 0;
  const sums = x.map((value, at) => {
    mean += (value - mean) / (at + 1);
    upper = Math.max(0, upper + value - mean - options.delta);
    lower = Math.max(0, lower + mean - value - options.delta);
    return { upper, lower };
  });
  return chart(
    sums,
    ({ upper: up, lower: down }, at) => at + 1 >= options.minInstances && Math.max(up, down) > options.lambda,
  );
}

function chart(
  sums: readonly { upper: number; lower: number }[],
  alarms: (sums: { upper: number; lower: number }, at: number) => boolean,
): TwoSidedChart {
  const first = sums.findIndex(alarms);
  return {
    upper: sums.map(({ upper }) => upper),
    lower: sums.map(({ lower }) => lower),
    firstAlarmIndex: first < 0 ? null : first,
  };
}
