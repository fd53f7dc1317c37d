/**
 * Regularised upper incomplete gamma function Q(a, x), a > 0, x ≥ 0 (DLMF 8.2.4): by the power series of P below x = a + 1
 * (DLMF 8.7.1) and by Legendre's continued fraction above it (DLMF 8.9.2), so that tails keep their relative precision down to
 * the smallest double.
 */
export function upperGammaQ(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) throw new RangeError(`Q(${a}, ${x}) is not defined`);
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  const front = Math.exp(logFront(a, x));
  if (x < a + 1) return Math.max(0, 1 - front * series(a, x));
  return front * a * fraction(a, x);
}

/** Σ x^k / ((a + 1) … (a + k)), the factor of x^a e^−x / Γ(a + 1) in P(a, x). */
function series(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 1_000_000 && term > sum * 1e-17; k += 1) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

/** Modified Lentz method. */
function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 1_000_000; i += 1) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const factor = d * c;
    h *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return h;
}

/**
 * ln(x^a e^−x / Γ(a + 1)). For large a the three terms nearly cancel, so they are put together as
 * −a (r − 1 − ln r) − ½ ln 2πa − (Stirling's remainder), r = x/a (Loader, Fast and accurate computation of binomial
 * probabilities, 2000).
 */
function logFront(a: number, x: number): number {
  if (a < 15) return a * Math.log(x) - x - logGamma(a + 1);
  const away = (x - a) / a;
  const deviance = Math.abs(away) < 0.1 ? logDeviance(away) : away - Math.log(x / a);
  return -a * deviance - 0.5 * Math.log(2 * Math.PI * a) - stirlingRemainder(a);
}

/** u − ln(1 + u) for small u, by its series. */
function logDeviance(u: number): number {
  let power = u;
  let sum = 0;
  for (let k = 2; k < 40; k += 1) {
    power *= -u;
    sum -= power / k;
  }
  return sum;
}

/** ln Γ(a + 1) − (a + ½) ln a + a − ½ ln 2π for a ≥ 15 (DLMF 5.11.1). */
function stirlingRemainder(a: number): number {
  const inverse = 1 / (a * a);
  return (
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse * (1 / 1188))))) / a
  );
}

/** ln Γ(z), z > 0: Stirling's series after the argument was raised to at least 15 (DLMF 5.5.1, 5.11.1). */
export function logGamma(z: number): number {
  let raised = z;
  let product = 1;
  while (raised < 15) {
    product *= raised;
    raised += 1;
  }
  const stirling =
    (raised - 0.5) * Math.log(raised) - raised + 0.5 * Math.log(2 * Math.PI) + stirlingRemainder(raised);
  return stirling - Math.log(product);
}

/** P(|Z| ≥ |z|) of a standard normal Z: Q(½, z²/2) (DLMF 7.11.2), right to the smallest double. */
export function normalTwoSidedP(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('z is not a number');
  return upperGammaQ(0.5, (z * z) / 2);
}

/** P(X ≥ statistic) of a chi-square with `df` degrees of freedom. */
export function chiSquareP(statistic: number, df: number): number {
  return upperGammaQ(df / 2, Math.max(0, statistic) / 2);
}
