const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
/** Reporting days begin between 14 hours before and 12 hours after midnight UTC. */
const EARLIEST = -14 * 4;
const LATEST = 12 * 4;
/** Fewer days say nothing about where they begin. */
const FEWEST_DAYS = 5;

/**
 * How long after midnight UTC the days of a file begin, in milliseconds: the shift at which our days follow theirs much
 * better than at 0; else 0. `theirs` are amounts of successive days from `fromMs`; ours are of quarters of an hour around
 * them. What is missing on our side everywhere alike does not matter.
 */
export function dayOffset(
  theirs: readonly number[],
  ours: readonly { startMs: number; amount: number }[],
  fromMs: number,
): number {
  if (theirs.length < FEWEST_DAYS) return 0;
  const misfit = (offsetMs: number) => misfitOf(theirs, dailySums(ours, fromMs + offsetMs, theirs.length));
  const atZero = misfit(0);
  let best = { offsetMs: 0, misfit: atZero };
  // From the middle outwards: of two that fit alike the smaller shift holds.
  for (let step = 1; step <= -EARLIEST; step += 1) {
    for (const quarters of step <= LATEST ? [step, -step] : [-step]) {
      const found = misfit(quarters * QUARTER_MS);
      if (found < best.misfit) best = { offsetMs: quarters * QUARTER_MS, misfit: found };
    }
  }
  // Days of which some calls are missing fit badly at any shift: only a clear winner counts.
  return best.misfit < 0.35 * atZero && atZero > 0.005 ? best.offsetMs : 0;
}

function dailySums(
  ours: readonly { startMs: number; amount: number }[],
  fromMs: number,
  days: number,
): number[] {
  const sums = new Array<number>(days).fill(0);
  for (const { startMs, amount } of ours) {
    const day = Math.floor((startMs - fromMs) / DAY_MS);
    if (day >= 0 && day < days) sums[day]! += amount;
  }
  return sums;
}

/** Share of the whole by which days differ, when ours are scaled to the same sum. */
function misfitOf(theirs: readonly number[], ours: readonly number[]): number {
  const [sum, own] = [total(theirs), total(ours)];
  if (sum === 0 || own === 0) return 0;
  return total(theirs.map((amount, day) => Math.abs(amount - (ours[day]! * sum) / own))) / sum;
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
