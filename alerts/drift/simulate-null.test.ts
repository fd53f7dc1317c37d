import { describe, expect, it } from 'vitest';
import { poissonUpper95, simulateNull } from './simulate-null.ts';

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
    expect(poissonUpper95(0)).toBeCloseTo(2.9957, 4);
    expect(poissonUpper95(1)).toBeCloseTo(4.7439, 4);
    expect(poissonUpper95(10)).toBeCloseTo(16.9622, 3);
  });
});
