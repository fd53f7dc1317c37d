import { describe, expect, it } from 'vitest';
import { poissonMean } from './poisson-mean.ts';
import { simulateNull } from './simulate-null.ts';

describe('simulateNull', () => {
  // A generous budget over few series tells more in less time: with one a week for 200 hardly anything happens at all.
  it('keeps to the budget with outages and holidays', { timeout: 240_000 }, () => {
    const result = simulateNull({
      seed: 7,
      streams: 49,
      days: 30,
      falseAlarmsPerWeek: 3,
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
