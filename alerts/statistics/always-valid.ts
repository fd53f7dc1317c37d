export interface MixtureRatio {
  logLambda: number;
  /** min(1, 1/Λ) of this one look; the always-valid p-value is the least over all looks so far. */
  pSingleLook: number;
}

/**
 * Mixture sequential probability ratio of a normal mean with known variance against N(θ0, τ²):
 * Λ = √(σ²/(σ² + nτ²)) exp(τ² n² (mean − θ0)² / (2σ² (σ² + nτ²))) (Robbins, 1970; Johari, Pekelis, Walsh, Always valid
 * inference, 2019).
 */
export function mixtureRatio(input: {
  mean: number;
  n: number;
  sigma2: number;
  tau2: number;
  theta0: number;
}): MixtureRatio {
  const { mean, n, sigma2, tau2, theta0 } = input;
  if (!(n >= 0 && sigma2 > 0 && tau2 >= 0)) {
    throw new RangeError('n and tau2 must not be negative and sigma2 must be above zero');
  }
  const total = sigma2 + n * tau2;
  const logLambda =
    -0.5 * Math.log1p((n * tau2) / sigma2) + (tau2 * (n * (mean - theta0)) ** 2) / (2 * sigma2 * total);
  return { logLambda, pSingleLook: Math.min(1, Math.exp(-logLambda)) };
}
