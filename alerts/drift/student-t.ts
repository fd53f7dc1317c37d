/**
 * Two-sided p-value of Student's t with `df` (real, > 0) degrees of freedom:
 * P(|T| ≥ |t|) = I_x(df/2, 1/2) with x = df/(df + t²) (DLMF 8.17, Abramowitz & Stegun 26.7.1).
 */
export function studentTwoSidedP(t: number, df: number): number {
  if (Number.isNaN(t) || !(df > 0)) return Number.NaN;
  if (!Number.isFinite(t)) return 0;
  const square = t * t;
  // Both x and 1 − x are formed without subtraction, so neither tail cancels.
  return regularizedIncompleteBeta(df / (df + square), square / (df + square), df / 2, 0.5);
}

/** I_x(a, b) for a, b > 0; `complement` is 1 − x, given apart so that no digits are lost near x = 1. */
export function regularizedIncompleteBeta(x: number, complement: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  const logFront = a * Math.log(x) + b * Math.log(complement) - logBeta(a, b);
  // The continued fraction converges fast on the near side of the mean; the other side by I_x(a,b) = 1 − I_{1−x}(b,a).
  if (x < (a + 1) / (a + b + 2)) return (Math.exp(logFront) * betaFraction(x, a, b)) / a;
  return 1 - (Math.exp(logFront) * betaFraction(complement, b, a)) / b;
}

/** Continued fraction DLMF 8.17.22 by the modified Lentz method; needs about √max(a, b) terms. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return fraction;
}

function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  // ln Γ(z) − ln Γ(z + ½): for large z the two nearly cancel, so their difference is taken by its series
  // (from Stirling's, DLMF 5.11.1) instead.
  if (small === 0.5 && large > 30) {
    const z = large;
    const difference =
      -0.5 * Math.log(z) + 1 / (8 * z) - 1 / (192 * z ** 3) + 1 / (640 * z ** 5) - 17 / (14336 * z ** 7);
    return 0.5 * Math.log(Math.PI) + difference;
  }
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

// Lanczos approximation, g = 7, n = 9 (Godfrey's coefficients): about 15 digits for z > 0.
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const x = z - 1;
  const base = x + 7.5;
  const sum = lanczos.reduce(
    (total, coefficient, i) => (i === 0 ? coefficient : total + coefficient / (x + i)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(base) - base + Math.log(sum);
}
