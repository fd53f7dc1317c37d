/**
 * Evidence that units are not split as they should be, valid at every look: the Bayes factor of a Beta prior around the intended share
 * against that share itself, B(a + x, b + y) / B(a, b) / (p^x (1 - p)^y), is a martingale of mean 1 when the split is right, so that its
 * inverse is a p-value at whatever time one looks (Lindon and Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022).
 */

/** How sharply the prior stands around the intended share: as many units would weigh as much. */
const concentration = 100;
/** A mismatch is spoken of below this. */
export const mismatchLevel = 0.01;

export interface SampleRatio {
  expected: number;
  /** Null without units. */
  observed: number | null;
  units: number;
  p: number;
  mismatch: boolean;
}

/** `candidate` and `control` are counts of units, `expected` the candidate's share, over 0 and under 1. */
export function sampleRatio(control: number, candidate: number, expected: number): SampleRatio {
  const units = control + candidate;
  const [a, b] = [concentration * expected, concentration * (1 - expected)];
  const logEvidence =
    logBeta(a + candidate, b + control) -
    logBeta(a, b) -
    candidate * Math.log(expected) -
    control * Math.log1p(-expected);
  const p = Math.min(1, Math.exp(-logEvidence));
  return { expected, observed: units > 0 ? candidate / units : null, units, p, mismatch: p < mismatchLevel };
}

const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);

/** ln Γ(x) for x > 0: Stirling's series (Abramowitz and Stegun 6.1.41) beyond 10, brought there by Γ(x + 1) = x Γ(x). */
export function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 10) {
    shift += Math.log(at);
    at += 1;
  }
  const square = at * at;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
