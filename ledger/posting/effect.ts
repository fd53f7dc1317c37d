import type { Difference, RepricedRow } from './difference.ts';
import type { Counts, RepricingResult } from './repricing.ts';

interface Sum {
  calls: number;
  before: bigint;
  after: bigint;
  newlyPriced: number;
  noLongerPriced: number;
}

const mostRows = 1000;

/** Adds up what a repricing changes, by feature, model and month: memory for each of these, none for a call. */
export class Effect {
  readonly #sums = new Map<string, Sum>();
  #lookedAt = 0;

  look(calls: number): void {
    this.#lookedAt += calls;
  }

  add({ feature, model, month, cost }: RepricedRow, difference: Difference): void {
    const key = JSON.stringify([feature, model, month]);
    const sum = this.#sums.get(key) ?? { calls: 0, before: 0n, after: 0n, newlyPriced: 0, noLongerPriced: 0 };
    const before = BigInt(cost);
    sum.calls += 1;
    sum.before += before;
    sum.after += before + difference.nanos;
    if (difference.unpricedCalls < 0) sum.newlyPriced += 1;
    if (difference.unpricedCalls > 0) sum.noLongerPriced += 1;
    this.#sums.set(key, sum);
  }

  result(): RepricingResult {
    const change = ({ before, after }: Sum) => (after > before ? after - before : before - after);
    const largest = [...this.#sums].sort(([, one], [, other]) => (change(other) > change(one) ? 1 : -1));
    const total = largest.reduce(
      (all, [, one]) => ({
        calls: all.calls + one.calls,
        before: all.before + one.before,
        after: all.after + one.after,
        newlyPriced: all.newlyPriced + one.newlyPriced,
        noLongerPriced: all.noLongerPriced + one.noLongerPriced,
      }),
      { calls: 0, before: 0n, after: 0n, newlyPriced: 0, noLongerPriced: 0 },
    );
    return {
      lookedAt: this.#lookedAt,
      total: countsOf(total),
      effect: largest.slice(0, mostRows).map(([key, sum]) => {
        const [feature, model, month] = JSON.parse(key) as [string, string, string];
        return { feature, model, month, ...countsOf(sum) };
      }),
    };
  }
}

const countsOf = ({ before, after, ...counts }: Sum): Counts => ({
  ...counts,
  before: before.toString(),
  after: after.toString(),
});
