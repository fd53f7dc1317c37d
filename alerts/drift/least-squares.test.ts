import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveRidge } from './least-squares.ts';

const solve = (gram: number[][], rhs: number[], ridge = rhs.map(() => 0)) =>
  solveRidge(Float64Array.from(gram.flat()), Float64Array.from(rhs), Float64Array.from(ridge));

describe('solveRidge', () => {
  it('solves a small system by hand', () => {
    // 4x + 2y = 2, 2x + 3y = 5
    const [x, y] = solve(
      [
        [4, 2],
        [2, 3],
      ],
      [2, 5],
    );
    expect(x).toBeCloseTo(-0.5, 12);
    expect(y).toBeCloseTo(2, 12);
  });

  it('drops a column that repeats another and one without data', () => {
    const solution = solve(
      [
        [2, 2, 0],
        [2, 2, 0],
        [0, 0, 0],
      ],
      [4, 4, 0],
    );
    expect(solution[0]).toBeCloseTo(2, 12);
    expect(solution.slice(1)).toEqual([0, 0]);
  });

  it('gives finite answers for any design, however collinear', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (points, ridge) => {
        const columns = points.map(([a, b]) => [1, a, b, a + b, a]);
        const gram = [0, 1, 2, 3, 4].map(i =>
          [0, 1, 2, 3, 4].map(j => sum(columns.map(row => row[i]! * row[j]!))),
        );
        const rhs = [0, 1, 2, 3, 4].map(i => sum(columns.map((row, k) => row[i]! * k)));
        return solve(gram, rhs, new Array(5).fill(ridge)).every(Number.isFinite);
      }),
    );
  });
});

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
