import { logGamma, normalTwoSidedP } from '../statistics/incomplete-gamma.ts';

/**
 * Two-sided p-value of Student's t with `df` (real, > 0) degrees of freedom:
 * P(|T| ≥ |t|) = I_x(df/2, 1/2) with x = df/(df + t²) (DLMF 8.17, Abramowitz & Stegun 26.7.1).
 */
export function studentTwoSidedP(t: number, df: number): number {
  if (Number.isNaN(t) || !(df > 0)) return Number.NaN;
  if (!Number.isFinite(t)) return 0;
  if (df > hillFrom) return hillTwoSidedP(t, df);
  const square = t * t;
  // Where t² overflows, I_x(a, ½) is x^a / (a B(a, ½)) to the last digit, with ln x = ln df − 2 ln |t|.
  if (!Number.isFinite(square)) {
    const a = df / 2;
    return Math.exp(a * (Math.log(df) - 2 * Math.log(Math.abs(t))) - logBeta(a, 0.5)) / a;
  }
  // Both x and 1 − x are formed without subtraction, so neither tail cancels.
  return regularizedIncompleteBeta(df / (df + square), square / (df + square), df / 2, 0.5);
}

/** From here on Hill's normal is right to the last digit, and the continued fraction would need thousands of terms. */
const hillFrom = 1e5;

/** Normal deviate of the same tail: √y (1 + (y + 3)/48a²), y = a ln(1 + t²/df), a = df − ½ (Hill, Algorithm 395, 1970). */
function hillTwoSidedP(t: number, df: number): number {
  const a = df - 0.5;
  const y = a * Math.log1p((t * t) / df);
  return normalTwoSidedP(Math.sqrt(y) * (1 + (y + 3) / (48 * a * a)));
}

/** I_x(a, b) for a, b > 0; `complement` is 1 − x, given apart so that no digits are lost near x = 1. */
export function regularizedIncompleteBeta(x: number, complement: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  // ln of a number near 1 from its small complement: a may be in the millions, and so would the rounding error be.
  const logX = complement < 0.5 ? Math.log1p(-complement) : Math.log(x);
  const logComplement = x < 0.5 ? Math.log1p(-x) : Math.log(complement);
  const logFront = a * logX + b * logComplement - logBeta(a, b);
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
