import { expect, test } from 'vitest';
import { firstMonday, seededNormal, simulateBuckets } from '../../test/fixtures/drift-series.ts';
import { dayMs, weekdayOfSlot, weekSlot } from './season.ts';
import { fitSeason } from './season-fit.ts';

/** Four weeks with a level of its own for every day (sd 0.01) and for every weekday. */
function buckets(levels: readonly number[], seed: number, size?: (startMs: number) => number) {
  const normal = seededNormal(seed);
  const days = Array.from({ length: 28 }, () => 0.01 * normal());
  const mean = (ms: number) =>
    0.8 + levels[weekdayOfSlot(weekSlot(ms))]! + days[Math.floor((ms - firstMonday) / dayMs)]!;
  return simulateBuckets({ seed: seed + 100, weeks: 4, mean, sd: 0.05, ...(size && { size }) });
}

/** Fitted levels of the days, from Monday on, less Monday's. */
const levelsOf = (coefficients: readonly number[]) => [0, ...coefficients.slice(1, 7)];
const squaredError = (found: readonly number[], levels: readonly number[]) => {
  const differences = levels.map((level, at) => found[at]! - (level - levels[0]!));
  const mean = differences.reduce((sum, one) => sum + one, 0) / 7;
  return differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
};

test('weekdays that do not differ get one level, so that a day is expected better than from four of its kind', () => {
  const levels = [0, 0, 0, 0, 0, -0.05, -0.05];
  // Of free levels the squared error would be about 5 × 0.01²/4 by the working days and weekends alone.
  const errors = Array.from({ length: 16 }, (_, seed) => {
    const fit = fitSeason(buckets(levels, seed), 'week');
    expect(fit.dayLevels).toBeGreaterThanOrEqual(2);
    expect(fit.dayLevels).toBeLessThanOrEqual(7);
    return squaredError(levelsOf(fit.coefficients), levels);
  });
  const free = 6 * (0.01 ** 2 / 4);
  expect(errors.reduce((sum, one) => sum + one, 0) / errors.length).toBeLessThan(0.65 * free);
});

test('weekdays that do differ keep their levels', () => {
  const levels = [0, 0.06, -0.04, 0.08, -0.06, 0.1, -0.1];
  const { coefficients, dayLevels, residuals } = fitSeason(buckets(levels, 3), 'week');
  expect(dayLevels).toBeGreaterThan(6.5);
  levelsOf(coefficients).forEach((found, at) => {
    expect(Math.abs(found - (levels[at]! - levels[0]!))).toBeLessThan(0.03);
  });
  expect(Math.abs(residuals.reduce((sum, one) => sum + one, 0) / residuals.length)).toBeLessThan(0.002);
});

test('days that are never seen do not disturb the others', () => {
  const working = buckets([0, 0.05, 0, 0, 0, 0, 0], 5, ms => (weekdayOfSlot(weekSlot(ms)) < 5 ? 20 : 0));
  const used = working.filter(({ n }) => n > 0);
  const fit = fitSeason(used, 'week');
  expect(fit.residuals).toHaveLength(used.length);
  expect(fit.dayLevels).toBeLessThanOrEqual(5);
  expect(fit.coefficients.every(Number.isFinite)).toBe(true);
  expect(fit.coefficients[1]).toBeGreaterThan(0.03);
});
