import { expect, test } from 'vitest';
import { alertRange, worstFirst, writeChance, writeFigure, writeShift } from './alert-figures.ts';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

test.each([
  [0.82, 'points', '0.82'],
  [3.5, '%', '3.5 %'],
  [2400, 'ms', '2.4 s'],
  [0.0041, 'usd', '$0.0041'],
  [120, 'tokens', '120 tokens'],
  [null, 'ms', '-'],
])('%s %s is %s', (value, unit, text) => expect(plain(writeFigure(value, unit))).toBe(text));

test.each([
  [-0.09, 'points', '−9 points'],
  [0.4, '%', '0.4 percentage points'],
  [-300, 'ms', '−300 ms'],
  [0.002, 'usd', '$0.0020'],
])('a shift of %s %s is %s', (value, unit, text) => expect(plain(writeShift(value, unit))).toBe(text));

test('a chance too small to print is said to be small', () => {
  expect(plain(writeChance(0.003))).toBe('0.30 % chance of noise');
  expect(plain(writeChance(1e-9))).toBe('less than 0.01 % chance of noise');
});

test('the worst traces of a metric', () => {
  expect(worstFirst('score:helpfulness')).toEqual({ sort: 'worst_score', score: 'helpfulness' });
  expect(worstFirst('latency_tail')).toEqual({ sort: 'slowest' });
  expect(worstFirst('error')).toEqual({ status: 'error' });
});

test('the time of an alert ends with it, and lasts at least an hour', () => {
  const now = Date.parse('2026-11-21T14:00:00Z');
  expect(
    alertRange({ changed_at: '2026-11-20T10:00:00Z', resolved_at: '2026-11-20T15:00:00Z' }, now).endMs,
  ).toBe(Date.parse('2026-11-20T15:00:00Z'));
  expect(alertRange({ changed_at: '2026-11-21T13:50:00Z', resolved_at: null }, now).endMs).toBe(
    now + 50 * 60_000,
  );
});
