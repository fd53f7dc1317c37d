import { expect, test } from 'vitest';
import { beforeAfter, figure, sizeOfMove } from './numbers.ts';

test.each([
  [0.907, 'points', '0.91'],
  [4.32, 'score', '4.32'],
  [0.41, '%', '0.4 %'],
  [12.3, '%', '12 %'],
  [812.4, 'ms', '812 ms'],
  [2412, 'ms', '2.4 s'],
  [80_000, 'ms', '1 min 20 s'],
  [0.00412, 'usd', '$0.0041'],
  [0.00002, 'usd', '<$0.0001'],
  [12.3, 'usd', '$12.30'],
  [1240, 'tokens', '1,240 tokens'],
  [18.2, 'ms/token', '18 ms'],
] as const)('%s in %s reads %s', (value, unit, text) => {
  expect(figure(value, unit)).toBe(text);
});

test('two figures are told apart by more digits where two are not enough', () => {
  expect(beforeAfter(0.91, 0.82, 'points')).toBe('0.91 → 0.82');
  expect(beforeAfter(0.912, 0.914, 'points')).toBe('0.912 → 0.914');
  expect(beforeAfter(2410, 2440, 'ms')).toBe('2.41 s → 2.44 s');
});

test('a move is stated in what the metric is read in', () => {
  expect(sizeOfMove(0.91, 0.82, 'points')).toBe('9 points');
  expect(sizeOfMove(0.9062, 0.8178, 'points')).toBe('9 points');
  expect(sizeOfMove(0.91, 0.92, 'points')).toBe('1 point');
  expect(sizeOfMove(0.912, 0.906, 'points')).toBe('0.6 points');
  expect(sizeOfMove(0.4, 3.5, '%')).toBe('3.1 percentage points');
  expect(sizeOfMove(2100, 2500, 'ms')).toBe('400 ms');
  expect(sizeOfMove(0.0041, 0.00484, 'usd')).toBe('18 %');
  expect(sizeOfMove(0, 40, 'tokens')).toBe('40 tokens');
});
