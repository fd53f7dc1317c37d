import { expect, test } from 'vitest';
import { duePeriods, lastPeriod, nextDueMs, type Timetable } from './period.ts';

const paris = (schedule: Timetable['schedule'], hour = 6): Timetable => ({
  schedule,
  hour,
  zone: 'Europe/Paris',
});
const at = (iso: string) => Date.parse(iso);
const labels = (timetable: Timetable, since: string, now: string, most = 10) =>
  duePeriods(timetable, { sinceMs: at(since), nowMs: at(now), most }).map(({ label }) => label);

test('a month is due at its hour on the first of the next, by the clock of the zone', () => {
  // 6 o'clock in Paris is 5 o'clock UTC in winter.
  expect(labels(paris('monthly'), '2026-10-15T00:00Z', '2026-11-01T04:59Z')).toEqual([]);
  expect(labels(paris('monthly'), '2026-10-15T00:00Z', '2026-11-01T05:00Z')).toEqual(['2026-10']);
  expect(nextDueMs(paris('monthly'), at('2026-11-01T04:59Z'))).toBe(at('2026-11-01T05:00Z'));
  expect(nextDueMs(paris('monthly'), at('2026-11-01T05:00Z'))).toBe(at('2026-12-01T05:00Z'));
});

test('a week is from Monday to Sunday', () => {
  expect(lastPeriod(paris('weekly'), at('2026-11-21T08:00Z'))).toMatchObject({
    label: '2026-11-09/2026-11-15',
    fromMs: at('2026-11-08T23:00Z'),
    toMs: at('2026-11-15T23:00Z'),
  });
});

test('a day in which the clock changes is one period of 25 hours', () => {
  const { fromMs, toMs, label } = lastPeriod(paris('daily'), at('2026-10-26T08:00Z'));
  expect(label).toBe('2026-10-25');
  expect((toMs - fromMs) / 3_600_000).toBe(25);
});

test('what became due while nobody looked is found, the newest first, and not without end', () => {
  expect(labels(paris('daily'), '2026-11-17T12:00Z', '2026-11-21T08:00Z')).toEqual([
    '2026-11-20',
    '2026-11-19',
    '2026-11-18',
    '2026-11-17',
  ]);
  expect(labels(paris('daily'), '2020-01-01T00:00Z', '2026-11-21T08:00Z', 3)).toHaveLength(3);
  expect(labels(paris('monthly'), '2026-11-01T05:00Z', '2026-11-21T08:00Z')).toEqual([]);
});
