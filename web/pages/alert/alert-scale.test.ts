import { expect, test } from 'vitest';
import { chartScale, linePath, niceTicks, timeTicks } from './alert-scale.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 21, hour)).toISOString();
const frame = { width: 100, height: 100, margin: { left: 0, right: 0, top: 0, bottom: 0 } };
const samples = [
  { time: at(0), value: 0.9, expected: 0.9 },
  { time: at(1), value: null, expected: 0.9 },
  { time: at(2), value: 0.8, expected: 0.9 },
];

test('values fill the frame with a tenth of room', () => {
  const scale = chartScale(samples, frame);
  expect(scale?.low).toBeCloseTo(0.79);
  expect(scale?.x(Date.parse(at(1)))).toBe(50);
  expect(scale?.nearest(80)).toBe(2);
});

test('a line breaks where a value is missing', () => {
  const scale = chartScale(samples, frame);
  expect(
    scale &&
      linePath(samples, one => one.value, scale)
        .match(/[ML]/g)
        ?.join(''),
  ).toBe('MM');
  expect(
    scale &&
      linePath(samples, one => one.expected, scale)
        .match(/[ML]/g)
        ?.join(''),
  ).toBe('MLL');
});

test('without values there is no chart', () => {
  expect(chartScale([], frame)).toBeNull();
  expect(chartScale([{ time: at(0), value: null, expected: null }], frame)).toBeNull();
});

test('ticks are round', () => {
  expect(niceTicks(0.79, 0.91, 3)).toEqual([0.8, 0.85, 0.9]);
  expect(niceTicks(0, 4100, 3)).toEqual([0, 2000, 4000]);
  expect(niceTicks(5, 5, 3)).toEqual([5]);
  expect(timeTicks(Date.parse(at(1)), Date.parse(at(20)), 5).map(ms => new Date(ms).getUTCHours())).toEqual([
    6, 12, 18,
  ]);
});
