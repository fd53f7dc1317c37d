/** A power of two is cut into so many steps. */
const steps = 256;
const stepsPerUnit = steps / Math.LN2;
/** ln 2 / 256 in two parts, the first short enough to be multiplied by 18 bits without rounding. */
const stepHigh = Math.round((Math.LN2 / steps) * 2 ** 42) / 2 ** 42;
/** What a double leaves of ln 2 belongs to the second. */
const stepLow = Math.LN2 / steps - stepHigh + 2.3190468138462996e-17 / steps;
/** Added and taken away again it leaves the nearest whole number. */
const rounder = 1.5 * 2 ** 52;
/** Below and above, powers of two come near the ends of a double. */
const limit = 690;

const powers = Float64Array.from({ length: steps }, (_, step) => 2 ** (step / steps));
const leastExponent = -1020;
const scales = Float64Array.from({ length: 2041 }, (_, at) => 2 ** (leastExponent + at));

/**
 * e^x to within 4 units of the last place, in a third of the time that `Math.exp` takes: a fit asks for ten thousand of them. By a table
 * of 256 powers of 2 and a Taylor polynomial of what is left, at most 0.0014 (Tang, Table-driven implementation of the exponential
 * function in IEEE floating-point arithmetic, 1989).
 */
export function exponential(x: number): number {
  if (!(x > -limit && x < limit)) return Math.exp(x);
  const whole = x * stepsPerUnit + rounder - rounder;
  const rest = x - whole * stepHigh - whole * stepLow;
  const at = whole | 0;
  const series = 1 + rest * (1 + rest * (1 / 2 + rest * (1 / 6 + rest * (1 / 24))));
  return scales[(at >> 8) - leastExponent]! * (powers[at & (steps - 1)]! * series);
}
