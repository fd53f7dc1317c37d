import { expect, test } from 'vitest';
import { seeded } from '../../test/support/seeded.ts';
import { logGamma, sampleRatio } from './sample-ratio.ts';

// Γ(1/2) = √π, Γ(5) = 24, Γ(101) = 100!.
test.each([
  [0.5, 0.5 * Math.log(Math.PI)],
  [1, 0],
  [5, Math.log(24)],
  [101, 363.739375555563],
])('ln Γ(%d)', (x, expected) => {
  expect(logGamma(x)).toBeCloseTo(expected, 9);
});

test('a right split is called wrong in at most 1 % of the runs, looked at after every unit', () => {
  const { next } = seeded(3);
  const runs = 300;
  let wrong = 0;
  for (let run = 0; run < runs; run += 1) {
    let candidate = 0;
    for (let unit = 1; unit <= 2_000; unit += 1) {
      if (next() < 0.1) candidate += 1;
      if (!sampleRatio(unit - candidate, candidate, 0.1).mismatch) continue;
      wrong += 1;
      break;
    }
  }
  expect(wrong / runs).toBeLessThanOrEqual(0.01);
});

test('a wrong split is found', () => {
  expect(sampleRatio(4_500, 5_500, 0.5)).toMatchObject({ observed: 0.55, mismatch: true });
  expect(sampleRatio(0, 0, 0.5)).toMatchObject({ observed: null, p: 1, mismatch: false });
});
