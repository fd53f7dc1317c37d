import { expect, test } from 'vitest';
import { findChangePoints } from './change-points.ts';
import { mulberry32 } from './simulated-stream.ts';

/** AR(1) noise of sd 1 around levels that start at the given rows. */
function series(levels: Record<number, number>, rows: number, phi: number, seed: number): number[] {
  const random = mulberry32(seed);
  let noise = 0;
  let level = 0;
  return Array.from({ length: rows }, (_, row) => {
    level = levels[row] ?? level;
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    noise = phi * noise + Math.sqrt(1 - phi * phi) * normal;
    return level + noise;
  });
}

test('finds steps, in any unit and offset', () => {
  const values = series({ 100: 4, 180: -1 }, 300, 0, 5);
  const near = findChangePoints([values.map(value => 1e6 + 1e-3 * value)]);
  expect(near).toHaveLength(2);
  expect(Math.abs(near[0]! - 100)).toBeLessThanOrEqual(2);
  expect(Math.abs(near[1]! - 180)).toBeLessThanOrEqual(2);
});

test('finds none in noise, a wandering series, a spike, a constant or next to nothing', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    expect(findChangePoints([series({}, 200, 0, seed)])).toEqual([]);
    expect(findChangePoints([series({}, 200, 0.95, seed)])).toEqual([]);
  }
  expect(findChangePoints([series({ 100: 40, 103: 0 }, 200, 0, 3)])).toEqual([]);
  expect(findChangePoints([Array<number>(50).fill(0.1)])).toEqual([]);
  expect(findChangePoints([[1, 2, 3]])).toEqual([]);
  expect(findChangePoints([])).toEqual([]);
  expect(findChangePoints([[null, null]])).toEqual([]);
});

test('dimensions change together, and missing values are bridged', () => {
  const one = series({ 60: 2 }, 120, 0, 7);
  const other: (number | null)[] = series({ 60: -2 }, 120, 0, 8);
  other[30] = null;
  other[61] = null;
  const found = findChangePoints([one, other]);
  expect(found).toHaveLength(1);
  expect(Math.abs(found[0]! - 60)).toBeLessThanOrEqual(2);
});
