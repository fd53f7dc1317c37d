import { describe, expect, it } from 'vitest';
import { driftMetrics, inProductUnits, judge, requestVarianceFloor, shiftInProductUnits } from './metrics.ts';

describe('driftMetrics', () => {
  it('watches the metrics and smallest shifts it should, each under its own name', () => {
    const shifts = Object.values(driftMetrics).map(({ id, minShift }) => [id, minShift]);
    expect(Object.fromEntries(shifts)).toEqual({
      quality: 0.01,
      latency_tail: 0.01,
      cost: 0.03,
      output_length: 0.03,
      refusal: 0.005,
      error: 0.005,
      pace: 0.03,
    });
    for (const [id, metric] of Object.entries(driftMetrics)) expect(metric.id).toBe(id);
  });

  it('reads log metrics as ratios and others as they are', () => {
    expect(shiftInProductUnits(driftMetrics.cost, Math.log(1.15))).toBeCloseTo(0.15, 12);
    expect(inProductUnits(driftMetrics.cost, Math.log(0.02))).toBeCloseTo(0.02, 12);
    expect(shiftInProductUnits(driftMetrics.quality, -0.09)).toBe(-0.09);
    expect(inProductUnits(driftMetrics.quality, 0.91)).toBe(0.91);
  });

  it('knows which direction hurts', () => {
    expect(judge(driftMetrics.quality, 'down')).toBe('worse');
    expect(judge(driftMetrics.quality, 'up')).toBe('better');
    expect(judge(driftMetrics.latency_tail, 'up')).toBe('worse');
    expect(judge(driftMetrics.pace, 'down')).toBe('changed');
  });

  it('keeps a positive floor under the variance of a value', () => {
    for (const metric of Object.values(driftMetrics)) expect(requestVarianceFloor(metric)).toBeGreaterThan(0);
    expect(requestVarianceFloor(driftMetrics.refusal)).toBeCloseTo(0.005 * 0.995, 12);
  });
});
