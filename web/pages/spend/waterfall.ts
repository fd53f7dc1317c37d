import type { SpendChange } from '#contract/spend.ts';
import { nanosOf, usdOf } from '../../money.ts';
import { type Cause, causesOf } from './reasons.ts';

/** One step from what was to what is; `from` and `to` are shares of the width, 0 to 1. */
export interface Step extends Cause {
  from: number;
  to: number;
}

export interface Waterfall {
  before: number;
  after: number;
  steps: Step[];
  /** What the left edge stands for, decimal USD: not zero when the causes are small beside the whole. */
  baseUsd: string;
}

/** Where the bars of a change stand, on one scale. */
export function waterfall(change: SpendChange): Waterfall {
  const before = nanosOf(change.before_usd);
  const after = nanosOf(change.after_usd);
  let at = before;
  const levels = causesOf(change).map(cause => {
    const from = at;
    at += nanosOf(cause.usd);
    return { cause, from, to: at };
  });
  const all = [before, after, ...levels.flatMap(({ from, to }) => [from, to])];
  const sorted = all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const low = sorted[0] ?? 0n;
  const high = sorted.at(-1) || 1n;
  const base = baseOf(low, high);
  const place = (nanos: bigint) => (high === base ? 0 : Number(nanos - base) / Number(high - base));
  return {
    before: place(before),
    after: place(after),
    steps: levels.map(({ cause, from, to }) => ({ ...cause, from: place(from), to: place(to) })),
    baseUsd: usdOf(base),
  };
}

/** Zero, unless all levels are so close together that nothing could be seen: then a little below the lowest. */
function baseOf(low: bigint, high: bigint): bigint {
  if (low <= 0n) return low;
  const cut = low - (high - low) / 2n;
  return cut * 2n > high ? cut : 0n;
}
