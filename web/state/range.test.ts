import { describe, expect, test } from 'vitest';
import { intervalFor, isInstant } from './range.ts';
import { rangeLabel } from './range-label.ts';
import { frozen, shift, zoomOut } from './range-moves.ts';
import { parseRange } from './range-text.ts';

const now = Date.parse('2026-11-21T14:05:30Z');
const paris = (text: string) => parseRange(text, now, 'Europe/Paris');

describe('a range in words', () => {
  test.each([
    ['last 3 h', 'now-3h', 'now'],
    ['Last 24h', 'now-24h', 'now'],
    ['45 min', 'now-45m', 'now'],
    ['past 2 weeks', 'now-2w', 'now'],
    ['today', '2026-11-20T23:00:00Z', 'now'],
    ['yesterday', '2026-11-19T23:00:00Z', '2026-11-20T23:00:00Z'],
    ['10 Nov', '2026-11-09T23:00:00Z', '2026-11-10T23:00:00Z'],
    ['10 Nov 14:00-15:00', '2026-11-10T13:00:00Z', '2026-11-10T14:00:00Z'],
    ['10 Nov 14:00 - 11 Nov 02:00', '2026-11-10T13:00:00Z', '2026-11-11T01:00:00Z'],
    ['10 Nov - 12 Nov', '2026-11-09T23:00:00Z', '2026-11-12T23:00:00Z'],
    ['10 nov-12 nov', '2026-11-09T23:00:00Z', '2026-11-12T23:00:00Z'],
    ['2026-11-10 to 2026-11-11', '2026-11-09T23:00:00Z', '2026-11-11T23:00:00Z'],
    ['2026-11-10 14:00 to 15:30', '2026-11-10T13:00:00Z', '2026-11-10T14:30:00Z'],
    ['25 Oct', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['13:00-14:00', '2026-11-21T12:00:00Z', '2026-11-21T13:00:00Z'],
  ])('%s', (text, from, to) => expect(paris(text)).toEqual({ from, to }));

  test.each(['', 'soon', 'last 3 apples', '15:00-14:00', '10 Nov 14:00', '99 Nov', '0 h', '1 to 2 to 3'])(
    '%s is not understood',
    text => expect(paris(text)).toBeNull(),
  );
});

test('instants of the URL', () => {
  expect(['now', 'now-3h', '2026-11-10T14:00:00Z'].every(isInstant)).toBe(true);
  expect(['', 'now-3x', '2026', 'tomorrow', 'now+3h'].some(isInstant)).toBe(false);
});

test('shifting back makes the range absolute, shifting to the end makes it relative again', () => {
  const back = shift({ from: 'now-24h', to: 'now' }, -1, now);
  expect(back).toEqual({ from: '2026-11-19T14:05:30Z', to: '2026-11-20T14:05:30Z' });
  expect(shift(back, 1, now)).toEqual({ from: 'now-1d', to: 'now' });
});

test('zooming out doubles the range and ends at most now', () => {
  expect(zoomOut({ from: 'now-24h', to: 'now' }, now)).toEqual({ from: 'now-2d', to: 'now' });
  expect(zoomOut({ from: '2026-11-10T13:00:00Z', to: '2026-11-10T14:00:00Z' }, now)).toEqual({
    from: '2026-11-10T12:30:00Z',
    to: '2026-11-10T14:30:00Z',
  });
});

test('a shared range is frozen to instants', () =>
  expect(frozen({ from: 'now-1h', to: 'now' }, now)).toEqual({
    from: '2026-11-21T13:05:30Z',
    to: '2026-11-21T14:05:30Z',
  }));

test('labels', () => {
  const label = (from: string, to: string) => rangeLabel({ from, to }, 'Europe/Paris', 'en-GB');
  expect(label('now-24h', 'now')).toBe('Last 24 h');
  expect(label('now-90m', 'now')).toBe('Last 90 min');
  expect(label('2026-11-10T13:00:00Z', '2026-11-10T14:00:00Z')).toBe('10 Nov 14:00 – 15:00');
  expect(label('2026-11-09T23:00:00Z', '2026-11-10T23:00:00Z')).toBe('10 Nov');
  expect(label('2026-11-09T23:00:00Z', '2026-11-12T23:00:00Z')).toBe('10 Nov – 12 Nov');
});

test('buckets keep a chart below about 200 points', () => {
  const day = 86_400_000;
  expect([day / 4, day / 2, day, 7 * day, 56 * day, 365 * day, 1000 * day].map(intervalFor)).toEqual([
    '15m',
    '15m',
    'hour',
    'hour',
    'day',
    'week',
    'month',
  ]);
});
