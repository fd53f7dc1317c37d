import { expect, test } from 'vitest';
import { mostOf, stairs } from './spread.ts';

test('a histogram is drawn as stairs from edge to edge', () => {
  expect(stairs([0.25, 0.75], 0.75)).toBe('M0 100L0 66.67L50 66.67L50 0L100 0L100 100Z');
  expect(stairs([], 1)).toBe('');
  expect(stairs([0, 0], 0)).toBe('');
  expect(mostOf([{ shares: [0.2, 0.8] }, { shares: [] }])).toBe(0.8);
});
