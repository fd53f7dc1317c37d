import { expect, test } from 'vitest';
import { cohenKappa, type Pair } from './agreement.ts';

const times = (n: number, first: string, second: string): Pair[] =>
  Array.from({ length: n }, () => [first, second]);

test("Cohen's kappa of a textbook table is 0.4, and its interval is that of the delta method", () => {
  // 20 both yes, 5 yes/no, 10 no/yes, 15 both no: observed 0.7, by chance 0.5 (the worked example of many textbooks).
  const table = [
    ...times(20, 'y', 'y'),
    ...times(5, 'y', 'n'),
    ...times(10, 'n', 'y'),
    ...times(15, 'n', 'n'),
  ];
  const { kappa, same, pairs, low, high } = cohenKappa(table);
  expect([pairs, same]).toEqual([50, 0.7]);
  expect(kappa).toBeCloseTo(0.4, 10);
  expect((high! - low!) / 2 / 1.959964).toBeCloseTo(delta(table), 5);
});

/** Standard error by numerical differentiation of kappa over the cells: another way to the same number. */
function delta(pairs: readonly Pair[]): number {
  const cells = ['yy', 'yn', 'ny', 'nn'];
  const share = cells.map(cell => pairs.filter(pair => pair.join('') === cell).length / pairs.length);
  const kappaOf = ([a, b, c, d]: number[]) => {
    const total = a! + b! + c! + d!;
    const [p, q, r, s] = [a! / total, b! / total, c! / total, d! / total];
    const chance = (p + q) * (p + r) + (r + s) * (q + s);
    return (p + s - chance) / (1 - chance);
  };
  const step = 1e-6;
  const slopes = share.map((_, at) => {
    const moved = (by: number) => kappaOf(share.map((value, other) => (other === at ? value + by : value)));
    return (moved(step) - moved(-step)) / (2 * step);
  });
  const mean = slopes.reduce((sum, slope, at) => sum + slope * share[at]!, 0);
  const variance = slopes.reduce((sum, slope, at) => sum + share[at]! * (slope - mean) ** 2, 0);
  return Math.sqrt(variance / pairs.length);
}

test('a scale counts near misses less than far ones, and full agreement is 1', () => {
  const order = ['1', '2', '3', '4', '5'];
  const near = [...times(5, '1', '2'), ...times(5, '5', '4'), ...times(5, '3', '3')];
  const far = [...times(5, '1', '5'), ...times(5, '5', '1'), ...times(5, '3', '3')];
  expect(cohenKappa(near, order).kappa!).toBeGreaterThan(0.7);
  expect(cohenKappa(far, order).kappa!).toBeLessThan(-0.9);
  expect(cohenKappa([...times(5, '1', '1'), ...times(5, '4', '4')], order)).toMatchObject({
    kappa: 1,
    same: 1,
  });
});

test('without pairs, or when all say the same, there is no kappa', () => {
  expect(cohenKappa([])).toEqual({ pairs: 0, same: null, kappa: null, low: null, high: null });
  expect(cohenKappa(times(9, 'y', 'y'))).toMatchObject({ pairs: 9, same: 1, kappa: null });
});
