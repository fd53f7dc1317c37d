import { expect, test } from 'vitest';
import {
  addMonths,
  bucketStarts,
  daysIn,
  isMonth,
  lastDay,
  monthAt,
  monthName,
  monthStart,
} from './month.ts';

test('a month has its bounds in its zone', () => {
  expect(new Date(monthStart('2026-11', 'Europe/Paris')).toISOString()).toBe('2026-10-31T23:00:00.000Z');
  expect(monthAt(Date.parse('2026-10-31T23:30:00Z'), 'Europe/Paris')).toBe('2026-11');
  expect(monthAt(Date.parse('2026-10-31T23:30:00Z'), 'UTC')).toBe('2026-10');
  expect(daysIn('2028-02')).toBe(29);
});

test('months are counted over the year', () => {
  expect(addMonths('2026-12', 1)).toBe('2027-01');
  expect(addMonths('2026-01', -1)).toBe('2025-12');
  expect([isMonth('2026-13'), isMonth('2026-1'), isMonth('2026-09')]).toEqual([false, false, true]);
});

test('and are named', () => {
  expect(monthName('2026-11', 'en-GB')).toBe('November 2026');
  expect(lastDay('2026-11', 'en-GB')).toBe('30 Nov');
});

test('days begin at midnight, also where the clock changes', () => {
  const zone = 'Europe/Paris';
  const days = bucketStarts(monthStart('2026-10', zone), monthStart('2026-11', zone), 'day', zone);
  expect(days).toHaveLength(31);
  // 25 October has 25 hours.
  expect((days[25]! - days[24]!) / 3_600_000).toBe(25);
  const hours = bucketStarts(monthStart('2026-10', zone), monthStart('2026-11', zone), 'hour', zone);
  expect(hours).toHaveLength(31 * 24 + 1);
});

test('weeks begin on Monday, the first before the month', () => {
  const weeks = bucketStarts(monthStart('2026-11', 'UTC'), monthStart('2026-12', 'UTC'), 'week', 'UTC');
  expect(weeks.map(ms => new Date(ms).getUTCDate())).toEqual([26, 2, 9, 16, 23, 30]);
});

test('hours are whole on the clock of the zone', () => {
  const hours = bucketStarts(
    Date.parse('2026-11-01T00:00:00Z'),
    Date.parse('2026-11-01T02:00:00Z'),
    'hour',
    'Asia/Kathmandu',
  );
  expect(hours.map(ms => new Date(ms).toISOString().slice(11, 16))).toEqual(['23:15', '00:15', '01:15']);
});
