import { expect, test } from 'vitest';
import { datesBetween, localDate, periodAt, startOfDay, weekday } from './calendar.ts';

const iso = (ms: number) => new Date(ms).toISOString();

test('days begin at midnight of the zone, also at +05:45', () => {
  expect(iso(startOfDay('2026-11-21', 'UTC'))).toBe('2026-11-21T00:00:00.000Z');
  expect(iso(startOfDay('2026-11-21', 'Asia/Kathmandu'))).toBe('2026-11-20T18:15:00.000Z');
  expect(iso(startOfDay('2026-11-21', 'America/New_York'))).toBe('2026-11-21T05:00:00.000Z');
  expect(iso(startOfDay('2026-11-21', 'Pacific/Kiritimati'))).toBe('2026-11-20T10:00:00.000Z');
});

test('a day with a clock change has 23 or 25 hours, and one may begin at 01:00', () => {
  const spring = periodAt(Date.parse('2026-03-29T12:00:00Z'), 'day', 'Europe/Paris');
  expect((spring.toMs - spring.fromMs) / 3_600_000).toBe(23);
  const autumn = periodAt(Date.parse('2026-10-25T12:00:00Z'), 'day', 'Europe/Paris');
  expect((autumn.toMs - autumn.fromMs) / 3_600_000).toBe(25);
  // Beirut's clocks change at midnight: 2026-03-29 begins at 01:00.
  const beirut = startOfDay('2026-03-29', 'Asia/Beirut');
  expect(localDate(beirut, 'Asia/Beirut')).toBe('2026-03-29');
  expect(localDate(beirut - 1000, 'Asia/Beirut')).toBe('2026-03-28');
});

test('weeks begin on Monday, months have their own length', () => {
  const at = Date.parse('2026-11-21T10:00:00Z');
  expect(weekday('2026-11-21')).toBe(5);
  expect(periodAt(at, 'week', 'UTC')).toMatchObject({ first: '2026-11-16', last: '2026-11-22' });
  expect(periodAt(at, 'month', 'UTC')).toMatchObject({ first: '2026-11-01', last: '2026-11-30' });
  const march = periodAt(Date.parse('2026-03-15T10:00:00Z'), 'month', 'Europe/Paris');
  expect((march.toMs - march.fromMs) / 3_600_000).toBe(31 * 24 - 1);
  expect(periodAt(Date.parse('2028-02-29T10:00:00Z'), 'month', 'UTC').last).toBe('2028-02-29');
  expect(datesBetween('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
});
