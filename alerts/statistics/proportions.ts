import { normalTwoSidedP } from './incomplete-gamma.ts';

export interface ProportionTest {
  /** Positive when the first share is the larger one. */
  zPooled: number;
  pPooled: number;
  zUnpooled: number;
  pUnpooled: number;
}

/**
 * Two-proportion z-test, with the variance pooled under equality (the test to use) and unpooled (the one that agrees with
 * Wald's interval of the difference). Agresti, Categorical Data Analysis, 2002, 3.2. RangeError without trials, and when
 * every trial of both sides ended the same way.
 */
export function twoProportionZ(
  first: { successes: number; n: number },
  second: { successes: number; n: number },
): ProportionTest {
  for (const { successes, n } of [first, second]) {
    if (!(n > 0) || !Number.isFinite(n)) throw new RangeError(`a proportion needs trials, got n = ${n}`);
    if (!(successes >= 0 && successes <= n)) throw new RangeError(`${successes} successes of ${n} trials`);
  }
  const shareOne = first.successes / first.n;
  const shareTwo = second.successes / second.n;
  const pooled = (first.successes + second.successes) / (first.n + second.n);
  const pooledVariance = pooled * (1 - pooled) * (1 / first.n + 1 / second.n);
  if (!(pooledVariance > 0)) throw new RangeError('all trials ended the same way: nothing to compare');
  const variance = (shareOne * (1 - shareOne)) / first.n + (shareTwo * (1 - shareTwo)) / second.n;
  const difference = shareOne - shareTwo;
  const zPooled = difference / Math.sqrt(pooledVariance);
  // Only 0 % against 100 % has no unpooled variance: an infinite z, p = 0.
  const zUnpooled = difference / Math.sqrt(variance);
  return { zPooled, pPooled: normalTwoSidedP(zPooled), zUnpooled, pUnpooled: normalTwoSidedP(zUnpooled) };
}
