/** Throws a RangeError that names what is wrong, so that no statistic ever answers NaN for data it cannot judge. */
export function requireSample(values: readonly number[], name: string, least = 1): void {
  if (values.length < least) {
    const wanted = least === 1 ? 'at least one value' : `at least ${least} values`;
    throw new RangeError(`${name} needs ${wanted}, got ${values.length}`);
  }
  const at = values.findIndex(value => !Number.isFinite(value));
  if (at >= 0) throw new RangeError(`${name}[${at}] is ${values[at]}, not a finite number`);
}

/** Counts (or weights) that are finite, not negative and not all zero; returns their sum. */
export function totalOf(counts: readonly number[], name: string): number {
  requireSample(counts, name);
  const negative = counts.findIndex(count => count < 0);
  if (negative >= 0) throw new RangeError(`${name}[${negative}] is negative`);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) throw new RangeError(`${name} is empty: every count is zero`);
  return total;
}

export function requireSameLength(one: readonly number[], other: readonly number[], names: string): void {
  if (one.length !== other.length) {
    throw new RangeError(`${names} have ${one.length} and ${other.length} entries; they must be as many`);
  }
}

export const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();
