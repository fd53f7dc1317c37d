import { expect, test } from 'vitest';
import { simulateChangeTimes } from './simulate-change-time.ts';

test('the 90 % interval of the change time covers as often as it says, over sizes of shift', () => {
  const results = simulateChangeTimes({
    seed: 11,
    streams: 14,
    multiples: [3, 4, 6, 8, 12],
    metrics: ['quality', 'latency_tail', 'cost', 'output_length', 'refusal', 'error', 'pace'],
  });
  const found = results.reduce((sum, result) => sum + result.found, 0);
  const covered = results.reduce((sum, result) => sum + result.found * result.covered, 0);
  expect(found).toBeGreaterThan(60);
  expect(covered / found).toBeGreaterThanOrEqual(0.88);
  expect(results.at(-1)!.medianErrorHours).toBeLessThanOrEqual(1);
});
