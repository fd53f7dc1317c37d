/** P-values adjusted for being many, in the order given; each is at most 1. */
export interface AdjustedP {
  /** Benjamini, Hochberg, Controlling the false discovery rate, 1995: independent or positively dependent tests. */
  bh: number[];
  /** Benjamini, Yekutieli, The control of the false discovery rate in multiple testing under dependency, 2001. */
  by: number[];
  /** Holm, A simple sequentially rejective multiple test procedure, 1979: the family-wise error rate. */
  holm: number[];
}

export function adjustP(p: readonly number[]): AdjustedP {
  const wrong = p.findIndex(value => !(value >= 0 && value <= 1));
  if (wrong >= 0) throw new RangeError(`p[${wrong}] is ${p[wrong]}, not in [0, 1]`);
  const m = p.length;
  const order = p.map((_, at) => at).sort((one, other) => p[one]! - p[other]!);
  const harmonic = order.reduce((sum, _, at) => sum + 1 / (at + 1), 0);
  return { bh: stepUp(p, order, m), by: stepUp(p, order, m * harmonic), holm: stepDown(p, order) };
}

/** min over j ≥ i of p_(j) × factor / j. */
function stepUp(p: readonly number[], order: readonly number[], factor: number): number[] {
  const adjusted = new Array<number>(p.length);
  let least = 1;
  for (let rank = order.length; rank >= 1; rank -= 1) {
    const at = order[rank - 1]!;
    least = Math.min(least, (p[at]! * factor) / rank);
    adjusted[at] = least;
  }
  return adjusted;
}

/** max over j ≤ i of p_(j) × (m − j + 1). */
function stepDown(p: readonly number[], order: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let most = 0;
  order.forEach((at, rank) => {
    most = Math.max(most, Math.min(1, p[at]! * (p.length - rank)));
    adjusted[at] = most;
  });
  return adjusted;
}

/**
 * e-BH: rejects the k largest of K e-values, k = max{j: e_(j) ≥ K/(α j)}; the false discovery rate is at most α under
 * any dependence (Wang, Ramdas, False discovery rate control with e-values, 2022). Indices rejected, ascending.
 */
export function rejectByEValues(e: readonly number[], alpha: number): number[] {
  const wrong = e.findIndex(value => !(value >= 0));
  if (wrong >= 0) throw new RangeError(`e[${wrong}] is ${e[wrong]}, not an e-value`);
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`alpha is ${alpha}, not in (0, 1]`);
  const order = e.map((_, at) => at).sort((one, other) => e[other]! - e[one]!);
  let rejected = 0;
  order.forEach((at, rank) => {
    // A value that equals its bound must not lose to the rounding of α j.
    const bound = e.length / (alpha * (rank + 1));
    if (e[at]! >= bound * (1 - 1e-14)) rejected = rank + 1;
  });
  return order.slice(0, rejected).sort((one, other) => one - other);
}
