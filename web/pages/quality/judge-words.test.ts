import { expect, test } from 'vitest';
import { betweenText, pointsBetween } from './judge-words.ts';

test('figures come with their intervals, as far as they are known', () => {
  expect(betweenText({ value: 0.6765, low: 0.51, high: 0.85 })).toBe('0.68 (0.51 \u2013 0.85)');
  expect(betweenText({ value: 0.4, low: null, high: null })).toBe('0.40');
  expect(betweenText({ value: null, low: null, high: null })).toBe('-');
});

test('differences are in points, with the sign', () => {
  expect(pointsBetween({ value: 0.094, low: 0.06, high: 0.12 })).toBe('+9.4 pts (+6 pts to +12 pts)');
  expect(pointsBetween({ difference: null, low: null, high: null })).toBe('-');
});
