import { expect, test } from 'vitest';
import { firstMonday, seededNormal, seededRandom } from '../../test/fixtures/drift-series.ts';
import type { BucketStat } from './baseline.ts';
import { alarmThreshold } from './detector.ts';
import { assumedShifts, type DaySums, excessOf, increments, tilted } from './evidence.ts';
import { historyOf } from './history.ts';
import { driftMetrics } from './metrics.ts';
import { bucketMs, dayMs } from './season.ts';
import { initialSeries, stepSeries } from './series.ts';

const options = { minShift: 0.01 };

test('worked by hand: g = 2 d0, r = 0.05, V = 0.01', () => {
  // 0.02 (0.05 − 0.0075) / 0.01 − 0.0004 / 0.02 = 0.085 − 0.02
  const { increments: found } = increments({ startMs: 0, residual: 0.05, variance: 0.01 }, options);
  expect(found[0]).toBeCloseTo(0.065, 12);
  expect(assumedShifts(options)).toEqual([0.02, 0.04, 0.08, -0.02, -0.04, -0.08]);
});

test('rises of a proportion are e-values at every size of bucket, where the normal is none', () => {
  for (const rate of [0.005, 0.023, 0.05]) {
    for (const n of [1, 8, 60]) {
      const variance = rate * (1 - rate);
      for (const shift of [0.01, 0.02, 0.04]) {
        const mean = ({ tilt, cost }: { tilt: number; cost: number }) => {
          let chance = (1 - rate) ** n;
          let total = 0;
          for (let k = 0; k <= n; k += 1) {
            total += chance * Math.exp((tilt * (k / n - rate) - cost) / (variance / n));
            chance *= ((n - k) / (k + 1)) * (rate / (1 - rate));
          }
          return total;
        };
        expect(mean(tilted(shift, variance))).toBeLessThanOrEqual(1 + 1e-9);
        expect(mean(tilted(shift))).toBeGreaterThan(mean(tilted(shift, variance)));
      }
    }
  }
  // A fall has the shorter tail.
  expect(tilted(-0.02, 0.01)).toEqual(tilted(-0.02));
});

test('taking the excess off leaves the mean of exp inc at most 1, whatever the tail', () => {
  const random = seededRandom(3);
  const observations = Array.from({ length: 3000 }, (_, at) => ({
    startMs: at * bucketMs,
    residual: random() < 0.03 ? -0.8 : 0.025,
    variance: 0.02,
  }));
  const excess = excessOf(
    {
      days: observations.map(({ startMs }) => Math.floor(startMs / dayMs)),
      residuals: observations.map(({ residual }) => residual),
      precisions: observations.map(({ variance }) => 1 / variance),
    },
    options,
  );
  expect(Math.max(...excess)).toBeGreaterThan(0);
  assumedShifts(options).forEach((_, at) => {
    const mean =
      observations.reduce(
        (sum, one) => sum + Math.exp(increments(one, options).increments[at]! - excess[at]!),
        0,
      ) / observations.length;
    expect(mean).toBeLessThan(1 + 1e-9);
  });
});

test('the increments of a day are the likelihood ratio of the day, with its common effect', () => {
  const residuals = [0.02, -0.01, 0.05, 0.03];
  const [dayRatio, dayVariance] = [2.5, 0.0004];
  let day: DaySums | null = null;
  let total = 0;
  residuals.forEach((residual, at) => {
    const bucket = { startMs: at * bucketMs, residual, variance: 0.005, dayRatio, dayVariance };
    const taken = increments(bucket, { ...options, slack: 0 }, day);
    day = taken.day;
    total += taken.increments[0]!;
  });
  // Mean of the day: variance v/4 + σ² with v = 0.005/2.5, shift 0.02 against 0.
  const mean = residuals.reduce((sum, one) => sum + one, 0) / 4;
  const variance = 0.002 / 4 + dayVariance;
  expect(total).toBeCloseTo((0.02 * mean - 0.02 ** 2 / 2) / variance, 10);
  // The next day begins anew.
  const next = increments(
    { startMs: dayMs, residual: 0.02, variance: 0.005, dayRatio, dayVariance },
    options,
    day,
  );
  expect(next.day).toMatchObject({ dayMs, information: dayRatio / 0.005 });
});

/** Scores of a judge that likes nearly everything: 3 in 100 answers are bad. About two scores in 15 minutes. */
function skewedScores(seed: number, weeks: number): BucketStat[] {
  const random = seededRandom(seed);
  const normal = seededNormal(seed + 1);
  return Array.from({ length: weeks * 7 * (dayMs / bucketMs) }, (_, at) => {
    const values = Array.from({ length: Math.floor(random() * 4.6) }, () =>
      random() < 0.03 ? 0.1 : 0.92 + 0.05 * normal(),
    );
    const sum = values.reduce((total, value) => total + value, 0);
    const sumSq = values.reduce((total, value) => total + value * value, 0);
    return { startMs: firstMonday + at * bucketMs, n: values.length, sum, sumSq };
  });
}

test('a heavy tail keeps to the false-alarm budget', () => {
  // 60 series over 6 watched weeks at a budget of one a week per 200 series: 1.8 are allowed, 4 by chance in one of ten.
  const runs = 60;
  const threshold = alarmThreshold({ series: 200 });
  let alarms = 0;
  for (let run = 0; run < runs; run += 1) {
    const buckets = skewedScores(1000 + run, 8);
    const history = historyOf(buckets, driftMetrics.quality);
    let state = initialSeries();
    for (const bucket of buckets) {
      const step = stepSeries(state, bucket, { metric: driftMetrics.quality, threshold, history });
      state = step.state;
      alarms += step.events.filter(({ kind }) => kind === 'opened').length;
    }
  }
  expect(alarms).toBeLessThanOrEqual(4);
});
