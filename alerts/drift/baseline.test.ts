import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstMonday,
  seededNormal,
  seededRandom,
  simulateBuckets,
} from '../../test/fixtures/drift-series.ts';
import {
  type Baseline,
  type BucketStat,
  bucketVariance,
  expectation,
  fitBaseline,
  isLearning,
  type Learning,
  observe,
} from './baseline.ts';
import { bucketMs, dayMs } from './season.ts';

const options = { minShift: 0.01, requestVarianceFloor: 0.0025 };
const hour = (startMs: number) => new Date(startMs).getUTCHours();
const isWeekend = (startMs: number) => [0, 6].includes(new Date(startMs).getUTCDay());

function fitted(fit: Baseline | Learning): Baseline {
  if (isLearning(fit)) throw new Error(`still learning: ${fit.learning}`);
  return fit;
}

describe('fitBaseline', () => {
  it('finds the season, the noise and no inflation in independent data', () => {
    const mean = (ms: number) =>
      0.8 + (isWeekend(ms) ? -0.05 : 0) + 0.04 * Math.sin((2 * Math.PI * (ms % dayMs)) / dayMs);
    const baseline = fitted(fitBaseline(simulateBuckets({ seed: 1, weeks: 4, mean, sd: 0.17 }), options));
    expect(baseline.coefficients).toHaveLength(23);
    expect(baseline.days).toBe(28);
    // About 10 terms share the 15,360 weekend values: sd 0.17 √(10/15360) = 0.0043, so 0.02 is beyond 4 sd everywhere.
    for (let ms = firstMonday; ms < firstMonday + 7 * dayMs; ms += bucketMs) {
      expect(Math.abs(expectation(baseline, ms)! - mean(ms))).toBeLessThan(0.02);
    }
    expect(Math.sqrt(baseline.withinVariance)).toBeCloseTo(0.17, 2);
    expect(baseline.betweenVariance).toBeLessThan(0.02 * baseline.withinVariance);
    expect(baseline.inflation).toBeLessThan(1.6);
  });

  it('finds the extra variance between buckets', () => {
    const normal = seededNormal(2);
    const wander = Array.from({ length: 2688 }, () => 0.05 * normal());
    const mean = (ms: number) => 0.8 + wander[(ms - firstMonday) / bucketMs]!;
    const baseline = fitted(fitBaseline(simulateBuckets({ seed: 3, weeks: 4, mean, sd: 0.17 }), options));
    expect(Math.sqrt(baseline.betweenVariance)).toBeCloseTo(0.05, 2);
  });

  it('carries day effects in the inflation', () => {
    const normal = seededNormal(4);
    const days = Array.from({ length: 28 }, () => 0.02 * normal());
    const mean = (ms: number) => 0.8 + days[Math.floor((ms - firstMonday) / dayMs)]!;
    const baseline = fitted(fitBaseline(simulateBuckets({ seed: 5, weeks: 4, mean, sd: 0.17 }), options));
    // A day of 1920 requests has sampling sd 0.0039, so day effects of sd 0.02 inflate its variance about 27-fold.
    expect(baseline.inflation).toBeGreaterThan(10);
    expect(baseline.inflation).toBeLessThan(60);
  });

  it('reproduces the formulas of the noise on a case worked by hand', () => {
    // Two buckets a day at 00:00 and 12:00 over 14 days, every bucket {1, 3}: s² = Σ 2 / Σ 1 = 2, all means 2.
    const buckets = Array.from({ length: 28 }, (_, i) => ({
      startMs: firstMonday + (i * dayMs) / 2,
      n: 2,
      sum: 4,
      sumSq: 10,
    }));
    const baseline = fitted(
      fitBaseline(buckets, { minShift: 0.01, requestVarianceFloor: 0.0025, minRequests: 1 }),
    );
    expect(baseline.withinVariance).toBeCloseTo(2, 12);
    expect(baseline.betweenVariance).toBe(0);
    expect(baseline.inflation).toBe(1);
    expect(bucketVariance(baseline, 4)).toBeCloseTo(0.5, 12);
    expect(baseline.dayInformation).toBeCloseTo(2, 12); // two buckets of V = 2/2
    expect(baseline.mean).toBe(2);
  });

  it('is learning below 14 days and below 200 requests, and says how far it got', () => {
    const short = simulateBuckets({ seed: 6, weeks: 4, mean: () => 0.8, sd: 0.1 }).slice(0, 13 * 96);
    expect(fitBaseline(short, options)).toEqual({
      learning: 'too_few_days',
      days: 13,
      requests: 13 * 96 * 20,
    });
    const thin = simulateBuckets({
      seed: 6,
      weeks: 4,
      mean: () => 0.8,
      sd: 0.1,
      size: ms => (hour(ms) ? 0 : 1),
    });
    expect(fitBaseline(thin, options)).toEqual({ learning: 'too_few_requests', days: 28, requests: 112 });
    expect(fitBaseline([], options)).toEqual({ learning: 'too_few_days', days: 0, requests: 0 });
  });

  it('knows hours only when a caller accepts fewer than 14 days', () => {
    const mean = (ms: number) => 0.8 + 0.04 * Math.sin((2 * Math.PI * (ms % dayMs)) / dayMs);
    const short = simulateBuckets({ seed: 7, weeks: 1, mean, sd: 0.1 }).slice(0, 5 * 96);
    const baseline = fitted(fitBaseline(short, { ...options, minDays: 3 }));
    expect(baseline.model).toBe('day');
    const saturday = firstMonday + 5 * dayMs + 6 * 60 * 60_000;
    expect(expectation(baseline, saturday)).toBeCloseTo(mean(saturday), 2);
  });

  it('expects nothing in hours it never saw, and stays sensible in those it did', () => {
    const office = (ms: number) => (!isWeekend(ms) && hour(ms) >= 9 && hour(ms) < 17 ? 10 : 0);
    const buckets = simulateBuckets({ seed: 8, weeks: 4, mean: () => 0.8, sd: 0.1, size: office });
    const baseline = fitted(fitBaseline(buckets, options));
    expect(expectation(baseline, firstMonday + 3 * 60 * 60_000)).toBeNull();
    expect(expectation(baseline, firstMonday + 5 * dayMs + 12 * 60 * 60_000)).toBeNull();
    for (const bucket of buckets) {
      if (bucket.n > 0) expect(Math.abs(expectation(baseline, bucket.startMs)! - 0.8)).toBeLessThan(0.02);
    }
  });

  it('does not trust a baseline that never varied without limit', () => {
    const same = simulateBuckets({ seed: 9, weeks: 4, mean: () => 1, sd: 0 });
    const baseline = fitted(fitBaseline(same, options));
    expect(baseline.withinVariance).toBe(0.0025);
    expect(bucketVariance(baseline, 1e12)).toBe(0.005 ** 2);
  });

  it('ignores empty and broken buckets', () => {
    const clean = simulateBuckets({ seed: 10, weeks: 4, mean: () => 0.8, sd: 0.1 });
    const broken: BucketStat[] = [
      { startMs: firstMonday, n: 5, sum: Number.NaN, sumSq: 1 },
      { startMs: firstMonday, n: 0, sum: 0, sumSq: 0 },
      { startMs: firstMonday, n: 5, sum: 1, sumSq: Number.POSITIVE_INFINITY },
    ];
    expect(fitBaseline([...broken, ...clean], options)).toEqual(fitBaseline(clean, options));
  });

  it('is finite, JSON and non-negative whatever hours, days and sizes are missing', () => {
    const gaps = fc.record({
      seed: fc.integer(),
      hours: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1 }),
      weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      keep: fc.double({ min: 0.02, max: 1, noNaN: true }),
      size: fc.integer({ min: 1, max: 30 }),
      sd: fc.constantFrom(0, 1e-9, 0.2, 1e6),
    });
    fc.assert(
      fc.property(gaps, ({ seed, hours, weekdays, keep, size, sd }) => {
        const random = seededRandom(seed);
        const n = (ms: number) =>
          hours.includes(hour(ms)) && weekdays.includes(new Date(ms).getUTCDay()) && random() < keep
            ? size
            : 0;
        const buckets = simulateBuckets({ seed, weeks: 4, mean: () => -3, sd, size: n });
        const fit = fitBaseline(buckets, { ...options, minDays: 1, minRequests: 1 });
        if (isLearning(fit)) return;
        expect(JSON.parse(JSON.stringify(fit))).toEqual(fit);
        const { coefficients, withinVariance, betweenVariance, inflation, dayInformation } = fit;
        expect([...coefficients, dayInformation].every(Number.isFinite)).toBe(true);
        expect(withinVariance).toBeGreaterThan(0);
        expect(betweenVariance).toBeGreaterThanOrEqual(0);
        expect(inflation).toBeGreaterThanOrEqual(1);
        for (const bucket of buckets) {
          const seen = observe(fit, bucket);
          if (seen) expect(Number.isFinite(seen.residual) && seen.variance > 0).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
