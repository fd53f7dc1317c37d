import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regularizedIncompleteBeta, studentTwoSidedP } from './student-t.ts';

describe('studentTwoSidedP', () => {
  it.each([0.001, 0.5, 1, 2.5, 10, 1e4])(
    'equals the closed forms for 1, 2 and 4 degrees of freedom at t = %d',
    t => {
      const s = Math.sqrt(t * t + 2);
      expect(studentTwoSidedP(t, 1)).toBeCloseTo((2 / Math.PI) * Math.atan(1 / t), 12);
      expect(studentTwoSidedP(t, 2)).toBeCloseTo(2 / (s * (s + t)), 12);
      const cosine = 4 / (4 + t * t);
      expect(studentTwoSidedP(t, 4)).toBeCloseTo(1 - Math.sqrt(1 - cosine) * (1 + cosine / 2), 12);
    },
  );

  it('keeps its digits far out in the tail', () => {
    const t = 1e6; // df = 2: p → 1/t²
    expect(studentTwoSidedP(t, 2) * t * t).toBeCloseTo(1, 9);
  });

  it('reaches the normal distribution for many degrees of freedom', () => {
    for (const df of [1e5, 1e6, 1e8]) expect(studentTwoSidedP(1.959963984540054, df)).toBeCloseTo(0.05, 5);
  });

  it('is continuous where the method changes', () => {
    // df/2 = 30 switches the series for ln B; t near √3 switches the side of the continued fraction.
    const relativeStep = (f: (x: number) => number, x: number) => Math.abs(f(x + 1e-9) / f(x - 1e-9) - 1);
    expect(relativeStep(df => studentTwoSidedP(2, df), 60)).toBeLessThan(1e-9);
    for (const t of [0.5, 1, 1.7, 2, 3])
      expect(relativeStep(x => studentTwoSidedP(x, 10), t)).toBeLessThan(1e-8);
  });

  it('is a symmetric, decreasing probability', () => {
    const size = fc.double({ min: 0, max: 50, noNaN: true });
    const df = fc.double({ min: 0.5, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(size, size, df, (t, more, degrees) => {
        const p = studentTwoSidedP(t, degrees);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1 + 1e-12);
        expect(studentTwoSidedP(-t, degrees)).toBe(p);
        expect(studentTwoSidedP(t + more, degrees)).toBeLessThanOrEqual(p + 1e-12);
      }),
    );
  });

  it('answers the edges', () => {
    expect(studentTwoSidedP(0, 5)).toBe(1);
    expect(studentTwoSidedP(Number.POSITIVE_INFINITY, 5)).toBe(0);
    expect(studentTwoSidedP(1, 0)).toBeNaN();
  });
});

describe('regularizedIncompleteBeta', () => {
  it('mirrors: I_x(a, b) = 1 − I_{1−x}(b, a)', () => {
    const shape = fc.double({ min: 0.1, max: 500, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (x, a, b) => {
        const left = regularizedIncompleteBeta(x, 1 - x, a, b);
        expect(left + regularizedIncompleteBeta(1 - x, x, b, a)).toBeCloseTo(1, 10);
      }),
    );
  });

  it('is x^a for b = 1', () => {
    expect(regularizedIncompleteBeta(0.3, 0.7, 2.5, 1)).toBeCloseTo(0.3 ** 2.5, 13);
  });
});
