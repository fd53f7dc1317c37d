/**
 * Bounds of a mean that hold for any numbers between 0 and 1, at any sample size, however often one looks: betting against a
 * supposed mean with a fixed portfolio of bets. Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
 * betting", J. R. Stat. Soc. B 86 (2024) 1-27; the portfolio is their diversified Kelly. Were the mean at most `m`, the wealth
 * of the portfolio would ever exceed 1/alpha with a chance of at most alpha (Ville's inequality).
 */

/** Distinct values between 0 and 1, and how often each was seen. */
export type Counted = ReadonlyMap<number, number>;

export function counted(values: Iterable<number>): Counted {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The same seen from above: x becomes 1 - x. */
export const mirrored = (values: Counted): Counted =>
  new Map([...values].map(([value, count]) => [1 - value, count]));

// Shares of the wealth that are put at stake each time. Half of the money goes with the boldest bet, which is best when
// nearly nothing differs, as is usual between two runs of a golden set; the others serve the noisier cases.
const boldest = 0.99;
const stakes = Array.from({ length: 15 }, (_, at) => boldest * 0.7 ** at);
const logShares = stakes.map((_, at) => Math.log(at === 0 ? 0.5 : 0.5 / (stakes.length - 1)));

/** Logarithm of the wealth of each bet (before its share) against the mean being at most `mean`. */
function logWealths(values: Counted, mean: number): number[] {
  return stakes.map(stake => {
    let sum = 0;
    for (const [value, count] of values) sum += count * Math.log1p(stake * (value / mean - 1));
    return sum;
  });
}

function total(logs: readonly number[], times = 1): number {
  const terms = logs.map((log, at) => times * log + (logShares[at] ?? 0));
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
}

/** Whether the values are evidence, at level alpha, that their mean is above `mean` (between 0 and 1). */
export function isAbove(values: Counted, mean: number, alpha: number): boolean {
  return mean <= 0 ? values.size > 0 : total(logWealths(values, mean)) >= -Math.log(alpha);
}

/** The mean is at least this with confidence 1 - alpha; 0 when nothing is known. */
export function lowerBound(values: Counted, alpha: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (isAbove(values, middle, alpha)) low = middle;
    else high = middle;
  }
  return low;
}

export function upperBound(values: Counted, alpha: number): number {
  return 1 - lowerBound(mirrored(values), alpha);
}

const mostTimes = 10_000;

/** How many values like these would be such evidence, these included; null when no number would. */
export function neededToBeAbove(values: Counted, mean: number, alpha: number): number | null {
  const logs = logWealths(values, mean);
  const isEnough = (times: number) => total(logs, times) >= -Math.log(alpha);
  if (values.size === 0 || !isEnough(mostTimes)) return null;
  let [low, high] = [0, mostTimes];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  const n = [...values.values()].reduce((sum, count) => sum + count, 0);
  return Math.ceil(high * n - 1e-9);
}
