import { expect, test } from 'vitest';
import { evenDraw, normalQuantile } from './even.ts';
import { Random } from './random.ts';

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

test('the same seed draws the same, another one does not', () => {
  expect(draws(new Random('a'), 5)).toEqual(draws(new Random('a'), 5));
  expect(draws(new Random('a'), 5)).not.toEqual(draws(new Random('b'), 5));
});

test('a fork depends on its label and not on what was drawn before', () => {
  const used = new Random('a');
  draws(used, 100);
  expect(used.fork('x').next()).toBe(new Random('a').fork('x').next());
  expect(used.fork('x').next()).not.toBe(used.fork('y').next());
});

test('uniform draws cover [0, 1) evenly', () => {
  const tenths = new Array<number>(10).fill(0);
  for (const value of draws(new Random('coverage'), 10_000)) tenths[Math.floor(value * 10)]! += 1;
  // Standard deviation of a tenth is 30.
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('weights decide how often an entry is drawn', () => {
  const random = new Random('weights');
  let first = 0;
  for (let draw = 0; draw < 10_000; draw += 1)
    first +=
      random.weighted([
        ['x', 3],
        ['y', 1],
      ]) === 'x'
        ? 1
        : 0;
  expect(Math.abs(first - 7500)).toBeLessThan(220);
});

test('even draws give every stretch of a hundred requests its share', () => {
  for (const purpose of ['failure', 'pace', 'quality', 'bad'] as const) {
    for (let from = 0; from < 5000; from += 100) {
      let low = 0;
      for (let number = from; number < from + 100; number += 1)
        low += evenDraw(purpose, 0, number, 0.5) < 0.1 ? 1 : 0;
      expect(low, `${purpose} from ${from}`).toBeGreaterThanOrEqual(7);
      expect(low, `${purpose} from ${from}`).toBeLessThanOrEqual(13);
    }
  }
});

test('even draws for two purposes are not related', () => {
  let both = 0;
  for (let number = 0; number < 10_000; number += 1) {
    if (evenDraw('pace', 0, number, 0.5) < 0.5 && evenDraw('output', 0, number, 0.5) < 0.5) both += 1;
  }
  expect(Math.abs(both - 2500)).toBeLessThan(100);
});

test.each([
  [0.5, 0],
  [0.841344746, 1],
  [0.975, 1.959964],
  [0.001, -3.090232],
])('the normal quantile of %f is %f', (probability, quantile) => {
  expect(Math.abs(normalQuantile(probability) - quantile)).toBeLessThan(0.00045);
});
