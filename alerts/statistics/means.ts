import { type Moments, type WelchTest, welch } from '../drift/shift.ts';
import { requireSample } from './sample.ts';

/** Mean and variance (n − 1) of a sample of at least two values, by Welford's update, which does not cancel. */
export function sampleMoments(values: readonly number[], name: string): Moments {
  requireSample(values, name, 2);
  let mean = 0;
  let squares = 0;
  values.forEach((value, at) => {
    const away = value - mean;
    mean += away / (at + 1);
    squares += away * (value - mean);
  });
  return { n: values.length, mean, variance: squares / (values.length - 1) };
}

/** Welch's test (drift/shift.ts) that says why when there is nothing to test. */
export function welchTest(a: Moments, b: Moments): WelchTest {
  for (const { n, mean, variance } of [a, b]) {
    if (!(n >= 2)) throw new RangeError(`Welch's test needs two values on each side, got ${n}`);
    if (!(Number.isFinite(mean) && variance >= 0)) {
      throw new RangeError(`mean ${mean} with variance ${variance} is not a sample's`);
    }
  }
  const test = welch(a, b);
  if (test === null) throw new RangeError('neither side varies: nothing to judge the difference by');
  return test;
}
