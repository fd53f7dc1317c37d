import { upperGammaQ } from '../statistics/incomplete-gamma.ts';

/**
 * The mean λ of a Poisson number N with P(N ≤ count) = `probability`, by bisection: with 0.05 the upper one-sided 95 % limit of a mean
 * after `count` were seen (Garwood, Fiducial limits for the Poisson distribution, 1936), with 0.95 the mean that stays within
 * `count` 19 times of 20. A count that is not whole is taken as the gamma distribution's Q(count + 1, λ) takes it.
 */
export function poissonMean(count: number, probability: number): number {
  let low = 0;
  let high = count + 10 + 5 * Math.sqrt(count + 1);
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (upperGammaQ(count + 1, middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
