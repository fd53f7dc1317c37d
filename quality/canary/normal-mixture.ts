/**
 * Confidence sequences by the normal mixture: intervals that hold at every look at once.
 *
 * Let D(t) estimate a difference and V(t) be its estimated variance. In information time I = 1 / V the score D I behaves like Brownian
 * motion, whatever the order in which the two arms grow (canonical joint distribution: Jennison and Turnbull, "Group Sequential
 * Methods", 2000, section 3.5), and Brownian motion stays for ever within
 *
 *   u(I) = sqrt((I + rho) ln((I + rho) / (rho alpha²)))
 *
 * with a chance of at least 1 - alpha (two-sided normal mixture: Howard, Ramdas, McAuliffe and Sekhon, Ann. Statist. 49 (2021)
 * 1055-1080, example 10; Robbins, Ann. Math. Statist. 41 (1970) 1397-1409). D ± u(I) / I is therefore an asymptotic confidence
 * sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Ann. Statist. 52 (2024) 2613-2640): it holds for sample sizes at which
 * a mean is nearly normal, not for three values.
 */

/** Half of the width of D's interval at this information. Infinite without information. */
export function radius(information: number, { rho, alpha }: { rho: number; alpha: number }): number {
  if (!(information > 0)) return Number.POSITIVE_INFINITY;
  const reach = information + rho;
  return Math.sqrt(reach * Math.log(reach / (rho * alpha ** 2))) / information;
}

/**
 * The rho with which the sequence is narrowest just when its radius is `margin`. The ratio x = I / rho that minimises u at a given
 * I solves x = ln((1 + x) / alpha²), which is -W₋₁(-alpha² / e) - 1 (Howard et al. 2021, section 3.5). It depends on nothing
 * that is measured, so it may be chosen before the first look.
 */
export function rhoFor(margin: number, alpha: number): number {
  let x = 1;
  for (let step = 0; step < 20; step += 1) x = Math.log((1 + x) / alpha ** 2);
  const width = Math.sqrt((1 + 1 / x) * x);
  return (width / margin) ** 2 / x;
}

/**
 * Natural logarithm of the mixture e-value against "no difference": sqrt(rho / (I + rho)) exp((D I)² / (2 (I + rho))). The interval
 * with `alpha` leaves out 0 exactly when this reaches ln(1 / alpha).
 */
export function logEvidence(difference: number, information: number, rho: number): number {
  if (!(information > 0)) return 0;
  const reach = information + rho;
  return 0.5 * Math.log(rho / reach) + (difference * information) ** 2 / (2 * reach);
}

/** The smallest factor of at least 1 by which information must grow until the radius is below `distance`; null beyond `most`. */
export function growthUntil(
  distance: number,
  information: number,
  boundary: { rho: number; alpha: number },
  most = 1_000,
): number | null {
  const isThere = (factor: number) => radius(factor * information, boundary) < distance;
  if (!(distance > 0) || !isThere(most)) return null;
  let [low, high] = [1, most];
  if (isThere(low)) return 1;
  for (let step = 0; step < 50; step += 1) {
    const middle = Math.sqrt(low * high);
    if (isThere(middle)) high = middle;
    else low = middle;
  }
  return high;
}
