import { expect, test } from 'vitest';
import { nextWaitMs, waitsMs } from './backoff.ts';

test('the schedule of the guarantees: eleven attempts, the last after a day', () => {
  expect(waitsMs.map(ms => ms / 1000)).toEqual([
    0, 5, 30, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400,
  ]);
  expect(nextWaitMs(11, 0.5, null)).toBeNull();
});

test('the jitter stays within a fifth', () => {
  expect(nextWaitMs(1, 0, null)).toBe(4000);
  expect(nextWaitMs(1, 0.5, null)).toBe(5000);
  expect(nextWaitMs(1, 1, null)).toBe(6000);
});

test('Retry-After can only lengthen a wait, and not beyond a day', () => {
  expect(nextWaitMs(1, 0.5, 1000)).toBe(5000);
  expect(nextWaitMs(1, 0.5, 90_000)).toBe(90_000);
  expect(nextWaitMs(1, 0.5, 7 * 86_400_000)).toBe(86_400_000);
});
