import type { SpendChange } from '#contract/spend.ts';
import { nanosOf } from '../../money.ts';
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
}

/** Where the bars of a change stand, on one scale that begins at zero. */
export function waterfall(change: SpendChange): Waterfall {
  let at = nanosOf(change.before_usd);
  const levels: { cause: Cause; from: bigint; to: bigint }[] = causesOf(change).map(cause => {
    const from = at;
    at += nanosOf(cause.usd);
    return { cause, from, to: at };
  });
  const all = [
    nanosOf(change.before_usd),
    nanosOf(change.after_usd),
    ...levels.flatMap(({ from, to }) => [from, to]),
  ];
  const low = all.reduce((min, nanos) => (nanos < min ? nanos : min), 0n);
  const high = all.reduce((max, nanos) => (nanos > max ? nanos : max), 1n);
  const place = (nanos: bigint) => Number(nanos - low) / Number(high - low);
  return {
    before: place(nanosOf(change.before_usd)),
    after: place(nanosOf(change.after_usd)),
    steps: levels.map(({ cause, from, to }) => ({ ...cause, from: place(from), to: place(to) })),
  };
}
