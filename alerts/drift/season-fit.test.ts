import { expect, test } from 'vitest';
import { firstMonday, seededNormal, simulateBuckets } from '../../test/fixtures/drift-series.ts';
import { columnsOf } from './bucket-columns.ts';
import { dayMs, seasonAt, termCount, weekdayOfSlot, weekSlot } from './season.ts';
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
    const fit = fitSeason(columnsOf(buckets(levels, seed)), 'week');
    expect(fit.dayLevels).toBeGreaterThanOrEqual(2);
    expect(fit.dayLevels).toBeLessThanOrEqual(7);
    return squaredError(levelsOf(fit.coefficients), levels);
  });
  const free = 6 * (0.01 ** 2 / 4);
  expect(errors.reduce((sum, one) => sum + one, 0) / errors.length).toBeLessThan(0.65 * free);
});

test('weekdays that do differ keep their levels', () => {
  const levels = [0, 0.06, -0.04, 0.08, -0.06, 0.1, -0.1];
  const { coefficients, dayLevels, residuals } = fitSeason(columnsOf(buckets(levels, 3)), 'week');
  expect(dayLevels).toBeGreaterThan(6.5);
  levelsOf(coefficients).forEach((found, at) => {
    expect(Math.abs(found - (levels[at]! - levels[0]!))).toBeLessThan(0.03);
  });
  expect(Math.abs(residuals.reduce((sum, one) => sum + one, 0) / residuals.length)).toBeLessThan(0.002);
});

test('days that are never seen do not disturb the others', () => {
  const working = buckets([0, 0.05, 0, 0, 0, 0, 0], 5, ms => (weekdayOfSlot(weekSlot(ms)) < 5 ? 20 : 0));
  const used = working.filter(({ n }) => n > 0);
  const fit = fitSeason(columnsOf(used), 'week');
  expect(fit.residuals).toHaveLength(used.length);
  expect(fit.dayLevels).toBeLessThanOrEqual(5);
  expect(fit.coefficients.every(Number.isFinite)).toBe(true);
  expect(fit.coefficients[1]).toBeGreaterThan(0.03);
});

test('is the least squares of the terms, worked out bucket by bucket', () => {
  for (const model of ['week', 'day'] as const) {
    const used = columnsOf(buckets([0, 0.02, 0, 0, 0.05, -0.03, 0.04], 8, ms => 1 + (weekSlot(ms) % 11)));
    const terms = termCount[model];
    const only = (term: number) => Array.from({ length: terms }, (_, at) => (at === term ? 1 : 0));
    const { coefficients } = fitSeason(used, model);
    // Of the fit of free levels the gradient would be nil; of the one that draws weekdays to their kind it is so for all other terms.
    const weekdays = model === 'week' ? [1, 2, 3, 4, 5, 6] : [];
    for (let term = 0; term < terms; term += 1) {
      if (weekdays.includes(term)) continue;
      let gradient = 0;
      let weights = 0;
      for (let at = 0; at < used.size; at += 1) {
        const { n, sum, slot } = { n: used.n[at]!, sum: used.sum[at]!, slot: used.slot[at]! };
        const weight = n / (1 + 0.02 * n);
        const residual = sum / n - seasonAt(model, coefficients, slot);
        gradient += weight * residual * seasonAt(model, only(term), slot);
        weights += weight;
      }
      const ridge = term === 0 ? 0 : 1e-4 * coefficients[term]!;
      expect(Math.abs(gradient / weights - ridge)).toBeLessThan(1e-14);
    }
  }
});
