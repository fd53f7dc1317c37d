export interface Weighted {
  value: number;
  weight: number;
}

/** Quantile of values sorted upwards, between the middles of their weights; at the ends the outermost value. */
export function weightedQuantile(sorted: readonly Weighted[], share: number): number {
  const whole = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const target = share * whole;
  let below = 0;
  let previous: { middle: number; value: number } | null = null;
  for (const { value, weight } of sorted) {
    const middle = below + weight / 2;
    if (middle >= target) {
      if (!previous) return value;
      const part = (target - previous.middle) / (middle - previous.middle);
      return previous.value + part * (value - previous.value);
    }
    previous = { middle, value };
    below += weight;
  }
  return previous?.value ?? Number.NaN;
}
