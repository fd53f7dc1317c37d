import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exponential } from './exponential.ts';

test('is e^x to a few units of the last place, and what Math.exp says at the ends', () => {
  fc.assert(
    fc.property(fc.double({ min: -750, max: 750, noNaN: true }), x => {
      const exact = Math.exp(x);
      if (exact > 1e-290 && exact < 1e300)
        expect(Math.abs(exponential(x) / exact - 1)).toBeLessThan(4 * Number.EPSILON);
      else expect(exponential(x)).toBe(exact);
    }),
    { numRuns: 2000 },
  );
  for (const x of [0, -0, 1e-300, 800, -800, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])
    expect(exponential(x)).toBe(Math.exp(x));
});
