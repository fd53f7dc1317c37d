import { describe, expect, it } from 'vitest';
import { poissonMean } from './poisson-mean.ts';
import { simulateNull } from './simulate-null.ts';

describe('simulateNull', () => {
  // The threshold follows from K, so 49 series have as many alarms in 30 days as 200 have at the same budget, and at one a week a
  // single one is too many: the upper limit after one is 4.74, the budget 4.29.
  it('keeps to a budget of one a week with outages and holidays, by the upper limit', () => {
    const result = simulateNull({
      seed: 7,
      streams: 49,
      days: 30,
      falseAlarmsPerWeek: 1,
      metrics: [],
      rotate: true,
    });
    expect(result).toMatchObject({ series: 49, within_budget: true });
    expect(result.upper95).toBeLessThanOrEqual(result.budget);
  });

  it('knows the Poisson limits', () => {
    expect(poissonMean(0, 0.05)).toBeCloseTo(2.9957, 4);
    expect(poissonMean(1, 0.05)).toBeCloseTo(4.7439, 4);
    expect(poissonMean(10, 0.05)).toBeCloseTo(16.9622, 3);
  });
});
