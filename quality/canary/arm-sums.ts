/**
 * What is known of one number in one arm. A unit is a user, else a session, else a trace: calls of one unit are alike and do not
 * count as independent. W is the weight of a unit's values (their number, unless they were sampled), A their weighted sum.
 */
export interface ArmSums {
  /** Units and calls with a value. */
  units: number;
  calls: number;
  /** Σ W and Σ A over units, then Σ W², Σ A W and Σ A². */
  w: number;
  a: number;
  ww: number;
  aw: number;
  aa: number;
}

export interface Mean {
  value: number;
  /** Of the mean, with units as clusters. */
  variance: number;
}

export const noSums: ArmSums = { units: 0, calls: 0, w: 0, a: 0, ww: 0, aw: 0, aa: 0 };

/**
 * The ratio mean A / W and its linearised variance over units, Σ (A - m W)² / (Σ W)² · g / (g - 1) (Cochran, "Sampling Techniques",
 * 1977, section 6.3); null without values. `reach` is how far two single values can lie apart: one unit more that lies as far off
 * is reckoned with, so that values which never varied are not taken as certain. 0 leaves that out.
 */
export function meanOf(sums: ArmSums, reach: number): Mean | null {
  const { units, w, a, ww, aw, aa } = sums;
  if (units === 0 || !(w > 0)) return null;
  const value = a / w;
  const square = Math.max(0, aa - 2 * value * aw + value ** 2 * ww);
  const small = units > 1 ? units / (units - 1) : 1;
  return { value, variance: (small * square) / w ** 2 + (reach / units) ** 2 };
}

/** Units as they come, each with its weight and weighted sum. */
export function sumUnits(all: Iterable<{ calls: number; w: number; a: number }>): ArmSums {
  const sums = { ...noSums };
  for (const { calls, w, a } of all) {
    if (!(w > 0)) continue;
    sums.units += 1;
    sums.calls += calls;
    sums.w += w;
    sums.a += a;
    sums.ww += w * w;
    sums.aw += a * w;
    sums.aa += a * a;
  }
  return sums;
}

/** Both together; they must not share units. */
export function together(one: ArmSums, other: ArmSums): ArmSums {
  return {
    units: one.units + other.units,
    calls: one.calls + other.calls,
    w: one.w + other.w,
    a: one.a + other.a,
    ww: one.ww + other.ww,
    aw: one.aw + other.aw,
    aa: one.aa + other.aa,
  };
}
