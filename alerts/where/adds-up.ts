import type { Candidate } from './cause-candidates.ts';
import type { Change } from './cell-changes.ts';

/**
 * Whether two causes that happened to meet tell the changes at least as well as their meeting does: the gain of a
 * regression on both conditions (weighted least squares with a level of all) against that of the pair.
 */
export function addsUp(changes: readonly Change[], pair: Candidate, singles: number): boolean {
  const [a, b] = pair.at.map(
    ({ index, value }) =>
      ({ values }: Change) =>
        values[index] === value ? 1 : 0,
  ) as [(change: Change) => number, (change: Change) => number];
  const mean = (read: (change: Change) => number) =>
    changes.reduce((sum, one) => sum + one.information * read(one), 0) /
    changes.reduce((sum, one) => sum + one.information, 0);
  const [meanA, meanB, level] = [mean(a), mean(b), mean(({ delta }) => delta)];
  const product = (one: (change: Change) => number, other: (change: Change) => number) =>
    changes.reduce((sum, change) => sum + change.information * one(change) * other(change), 0);
  const x = (change: Change) => a(change) - meanA;
  const y = (change: Change) => b(change) - meanB;
  const d = ({ delta }: Change) => delta - level;
  const [xx, yy, xy, xd, yd] = [product(x, x), product(y, y), product(x, y), product(x, d), product(y, d)];
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 1e-9 * xx * yy)) return false;
  const gain = (xd * xd * yy - 2 * xd * yd * xy + yd * yd * xx) / determinant / 2;
  return gain - 2 * Math.log(Math.max(1, singles)) >= pair.score;
}
