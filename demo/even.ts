/** What is drawn evenly over the requests of a feature; one with several model calls draws for each turn apart. */
const purposes = [
  'scored',
  'feedback',
  'bad',
  'quality',
  'thumb',
  'branch',
  'failure',
  'second-failure',
  'pace',
  'cached',
  'input',
  'output',
  'reasoning',
  'embedding',
  'search',
  'tool-failure',
] as const;
export type Purpose = (typeof purposes)[number];

const TURNS = 8;
const JITTER = 0.02;
const steps = wellSpreadSteps(purposes.length * TURNS);

/**
 * Uniform draws in [0, 1) whose n-th value is `offset + n α` modulo 1, α irrational: every stretch of traffic, however
 * short, then has its share of slow, dear and bad requests (Weyl 1916; a Kronecker sequence). Independent draws clump,
 * and a demo that must show one planted change and nothing else, whenever it is started, cannot afford clumps. Square
 * roots of primes keep the draws for different purposes unrelated to each other.
 */
export function evenDraw(purpose: Purpose, turn: number, number: number, jitter: number): number {
  const at = purposes.indexOf(purpose) * TURNS + (turn % TURNS);
  const value = at / 7.3 + number * (steps[at] as number) + (jitter - 0.5) * JITTER;
  return value - Math.floor(value);
}

/** Fractional parts of square roots of primes that no fraction with a small denominator comes close to. */
function wellSpreadSteps(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (!isPrime(candidate)) continue;
    const step = Math.sqrt(candidate) % 1;
    if (largestQuotient(step) <= 6) found.push(step);
  }
  return found;
}

/** Of the first terms of the continued fraction: a large one means that n α almost repeats after a few steps. */
function largestQuotient(value: number): number {
  let rest = value;
  let largest = 0;
  for (let term = 0; term < 7; term += 1) {
    rest = 1 / rest;
    largest = Math.max(largest, Math.floor(rest));
    rest -= Math.floor(rest);
  }
  return largest;
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1)
    if (candidate % divisor === 0) return false;
  return true;
}

/** The standard normal quantile, to 0.00045 (Abramowitz and Stegun 26.2.23). */
export function normalQuantile(probability: number): number {
  const tail = Math.min(probability, 1 - probability);
  const t = Math.sqrt(-2 * Math.log(Math.max(tail, 1e-12)));
  const size =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return probability < 0.5 ? -size : size;
}
