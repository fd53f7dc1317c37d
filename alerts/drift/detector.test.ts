import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClose, referenceCases, seededNormal } from '../../test/fixtures/drift-series.ts';
import {
  alarmThreshold,
  chanceOfNoise,
  type DetectorInput,
  type DetectorOptions,
  type DetectorState,
  initialState,
  step,
} from './detector.ts';
import { bucketMs, dayMs } from './season.ts';

const options: DetectorOptions = { minShift: 0.01, threshold: alarmThreshold({ series: 200 }) };

const input = (i: number, residual: number, variance = 0.0009): DetectorInput => ({
  startMs: i * bucketMs,
  n: 30,
  expected: 0.8,
  residual,
  variance,
});

/** Highest evidence and first alarming bucket over a run; the state never resets after the alarm is found. */
function run(residuals: readonly number[], variance = 0.0009, start: DetectorState = initialState()) {
  let state = start;
  let highest = Number.NEGATIVE_INFINITY;
  let alarmAt = Number.POSITIVE_INFINITY;
  for (const [i, residual] of residuals.entries()) {
    const result = step(state, input(i, residual, variance), options);
    state = result.state;
    highest = Math.max(highest, result.logEvidence ?? Number.NEGATIVE_INFINITY);
    if (result.alarm) alarmAt = Math.min(alarmAt, i);
  }
  return { state, highest, alarmAt };
}

const noise = (seed: number, length: number, shift = 0, sd = 0.03): number[] => {
  const normal = seededNormal(seed);
  return Array.from({ length }, () => shift + sd * normal());
};

interface ReferenceInput {
  residuals: number[];
  variances: number[];
  min_effect: number;
  slack: number;
  grid: number[];
  log_threshold: number;
}

describe('mixture Shiryaev–Roberts detector', () => {
  it.each(
    referenceCases<ReferenceInput, { log_m: number[]; first_alarm_index: number | null }>(
      'mixture_shiryaev_roberts',
    ),
  )('gives the reference values of $id', ({ input: given, expected, tolerance }) => {
    // The listing runs on after an alarm, so the threshold is applied here and not inside.
    const settings = {
      minShift: given.min_effect,
      slack: given.slack,
      grid: given.grid,
      clipSds: Number.POSITIVE_INFINITY,
      threshold: Number.POSITIVE_INFINITY,
    };
    let state = initialState(settings);
    const evidence = given.residuals.map((residual, i) => {
      const result = step(state, input(i, residual, given.variances[i]!), settings);
      state = result.state;
      return result.logEvidence!;
    });
    evidence.forEach((value, i) => {
      expect(isClose(value, expected.log_m[i]!, tolerance)).toBe(true);
    });
    const first = evidence.findIndex(value => value >= given.log_threshold);
    expect(first === -1 ? null : first).toBe(expected.first_alarm_index);
  });

  it('has a threshold that keeps 95 % of weeks within the budget', () => {
    // With λ a week on average, P(no more than one) = e^−λ (1 + λ).
    const mean = 200 * 672 * Math.exp(-alarmThreshold({ series: 200 }));
    expect(Math.exp(-mean) * (1 + mean)).toBeCloseTo(0.95, 10);
    const three = 240 * 672 * Math.exp(-alarmThreshold({ series: 240, falseAlarmsPerWeek: 3 }));
    expect(Math.exp(-three) * (1 + three + three ** 2 / 2 + three ** 3 / 6)).toBeCloseTo(0.95, 10);
    expect(alarmThreshold({ series: 200 })).toBeCloseTo(12.8432, 4);
    expect(chanceOfNoise(alarmThreshold({ series: 200 }))).toBeCloseTo(mean / 200, 12);
    expect(chanceOfNoise(0)).toBe(1);
  });

  it('has a threshold that rises with the series and falls with the budget, which it never exceeds', () => {
    const budget = fc.double({ min: 0.001, max: 50, noNaN: true });
    fc.assert(
      fc.property(budget, budget, fc.integer({ min: 1, max: 5000 }), (one, other, series) => {
        const at = (falseAlarmsPerWeek: number) => alarmThreshold({ series, falseAlarmsPerWeek });
        expect(series * 672 * Math.exp(-at(one))).toBeLessThanOrEqual(one * (1 + 1e-9));
        expect(Math.sign(at(one) - at(other)) * Math.sign(other - one)).toBeGreaterThanOrEqual(0);
        expect(alarmThreshold({ series: series + 1, falseAlarmsPerWeek: one })).toBeGreaterThan(at(one));
      }),
    );
  });

  it('stays low without a change: P(M ≥ ln(T/p)) ≤ p within T buckets', () => {
    const runs = 400;
    const buckets = 96;
    const low = Array.from({ length: runs }, (_, seed) => run(noise(seed + 1, buckets)).highest).filter(
      highest => highest < Math.log(buckets / 0.01),
    );
    expect(low.length / runs).toBeGreaterThanOrEqual(0.99);
  });

  it('stays silent on a shift within the slack', () => {
    expect(run(noise(7, 4 * 672, 0.0075)).alarmAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('is at least as fast on a larger shift of the same noise, in both directions', () => {
    const shifts = fc.tuple(fc.integer({ min: 20, max: 80 }), fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), shifts, (seed, [base, extra]) => {
        const delay = (shift: number) => run(noise(seed, 672, shift)).alarmAt;
        expect(delay((base + extra) / 1000)).toBeLessThanOrEqual(delay(base / 1000));
        expect(delay(-base / 1000)).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 40 },
    );
  });

  it('is the mirror image of itself', () => {
    const values = noise(11, 200, 0.01);
    expect(run(values.map(value => -value)).highest).toBeCloseTo(run(values).highest, 10);
  });

  it('does not let one wild bucket alarm alone', () => {
    const wild = [...noise(12, 96), 5, ...noise(13, 96)];
    expect(run(wild).alarmAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('finds a shift however large the traffic, and however small the variance, within a few buckets', () => {
    // The smallest variance a baseline hands over is (d0/2)².
    expect(run(new Array(10).fill(0.03), 0.005 ** 2).alarmAt).toBeLessThanOrEqual(4);
  });

  it('dates the change, sums the data since, resets and stays silent for 24 h', () => {
    const values = [...noise(14, 200), ...noise(15, 300, -0.05)];
    let state = initialState();
    for (const [i, value] of values.entries()) {
      const result = step(state, input(i, value), options);
      state = result.state;
      if (!result.alarm) continue;
      const { shift, sinceMs, sums } = result.winner!;
      expect(shift).toBeLessThan(0);
      expect(Math.abs(sinceMs / bucketMs - 200)).toBeLessThan(12);
      expect(sums.n).toBe(30 * (i - sinceMs / bucketMs + 1));
      expect(sums.weightedResidual / sums.information).toBeCloseTo(-0.05, 1);
      expect(state).toEqual({ ...initialState(), silentUntilMs: i * bucketMs + dayMs });
      const during = step(state, input(i + 95, -1), options);
      expect(during).toEqual({ state, logEvidence: null, alarm: false, winner: null });
      expect(step(state, input(i + 96, 0), options).logEvidence).not.toBeNull();
      return;
    }
    expect.fail('no alarm');
  });

  it('goes on from a saved state exactly as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 120 }), (seed, cut) => {
        const values = noise(seed, 120, 0.01);
        const saved = JSON.parse(JSON.stringify(run(values.slice(0, cut)).state));
        const resumed = values
          .slice(cut)
          .reduce<DetectorState>(
            (state, value, i) => step(state, input(cut + i, value), options).state,
            saved,
          );
        expect(resumed).toEqual(run(values).state);
      }),
      { numRuns: 30 },
    );
  });
});
