import { describe, expect, test } from 'vitest';
import { ago, dayTime, exact, fromWall, lasted, tick, timeNear, toWall, zoneOffsetMs } from './clock.ts';

const at = (text: string) => Date.parse(text);
const now = at('2026-11-21T14:05:00Z');

test('the offset follows the clock change', () => {
  expect(zoneOffsetMs(at('2026-10-25T00:59:59Z'), 'Europe/Paris')).toBe(7_200_000);
  expect(zoneOffsetMs(at('2026-10-25T01:00:00Z'), 'Europe/Paris')).toBe(3_600_000);
  expect(zoneOffsetMs(now, 'Asia/Kolkata')).toBe(19_800_000);
  expect(zoneOffsetMs(now + 0.5, 'UTC')).toBe(-0.5 + 0.5);
});

test('wall time and back is the same instant', () => {
  for (const zone of ['UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kolkata'])
    for (const text of ['2026-03-29T04:00:00Z', '2026-10-25T12:00:00Z', '2026-11-21T14:05:00Z'])
      expect(fromWall(toWall(at(text), zone), zone)).toBe(at(text));
});

describe('ages', () => {
  test.each([
    ['2026-11-21T14:04:57Z', 'just now'],
    ['2026-11-21T14:04:20Z', '40 s ago'],
    ['2026-11-21T13:27:00Z', '38 min ago'],
    ['2026-11-21T09:00:00Z', '5 h ago'],
    ['2026-11-19T09:00:00Z', 'Nov 19 09:00'],
  ])('%s', (text, words) => expect(ago(at(text), now, 'UTC', 'en-US')).toBe(words));

  test('durations', () =>
    expect([38 * 60_000, 30 * 3_600_000, 80 * 3_600_000].map(lasted)).toEqual(['38 min', '30 h', '3 d']));
});

test('times near now leave out the date', () => {
  expect(timeNear(at('2026-11-21T13:02:00Z'), now, 'Europe/Paris', 'en-GB')).toBe('14:02');
  expect(timeNear(at('2026-11-20T13:02:00Z'), now, 'Europe/Paris', 'en-GB')).toBe('20 Nov 14:02');
});

test('the exact time names its zone', () =>
  expect(exact(now, 'Europe/Paris', 'en-GB')).toBe('21 Nov 2026, 15:05:00 (Europe/Paris)'));

test('ticks depend on the span', () => {
  expect(tick(at('2026-11-10T14:05:00Z'), 3_600_000, 'en-GB')).toBe('14:05');
  expect(tick(at('2026-11-10T00:00:00Z'), 86_400_000 * 7, 'en-GB')).toBe('Tue 10');
  expect(tick(at('2026-11-10T00:00:00Z'), 86_400_000 * 30, 'en-GB')).toBe('10 Nov');
  expect(dayTime(at('2026-11-10T00:00:00Z'), 'UTC', 'en-GB')).toBe('10 Nov 00:00');
});
