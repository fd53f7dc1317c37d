import { describe, expect, it } from 'vitest';
import {
  bucketMs,
  bucketsPerWeek,
  seasonAt,
  seasonTable,
  termCount,
  weekdayOfSlot,
  weekSlot,
} from './season.ts';

describe('season', () => {
  it('numbers the quarters of the week from Monday 00:00 UTC, also before 1970', () => {
    expect(weekSlot(Date.UTC(2026, 0, 5))).toBe(0);
    expect(weekSlot(Date.UTC(2026, 0, 11, 23, 45))).toBe(671);
    expect(weekSlot(Date.UTC(1969, 11, 29))).toBe(0);
    expect(weekdayOfSlot(weekSlot(Date.UTC(2026, 10, 21)))).toBe(5);
  });

  it('has 23 terms a week, with weekend terms at weekends only', () => {
    expect(termCount).toEqual({ week: 23, day: 9 });
    const only = (term: number) => Array.from({ length: 23 }, (_, at) => (at === term ? 1 : 0));
    const row = (slot: number) => Array.from({ length: 23 }, (_, term) => seasonAt('week', only(term), slot));
    const noonTuesday = weekSlot(Date.UTC(2026, 0, 6, 12));
    expect(row(noonTuesday).slice(0, 7)).toEqual([1, 1, 0, 0, 0, 0, 0]);
    expect(row(noonTuesday).slice(15)).toEqual(new Array(8).fill(0));
    const noonSunday = weekSlot(Date.UTC(2026, 0, 11, 12));
    expect(row(noonSunday).slice(15)).toEqual(row(noonSunday).slice(7, 15));
  });

  it('has the same values in a table of the week, to the last bit', () => {
    for (const model of ['week', 'day'] as const) {
      const coefficients = Array.from({ length: termCount[model] }, (_, at) => Math.sin(1 + at));
      const slots = Array.from({ length: bucketsPerWeek }, (_, slot) => seasonAt(model, coefficients, slot));
      expect([...seasonTable(model, coefficients)]).toEqual(slots);
    }
  });

  it('repeats itself every week', () => {
    const start = Date.UTC(2026, 2, 3, 4, 15);
    expect(weekSlot(start + bucketsPerWeek * bucketMs)).toBe(weekSlot(start));
  });
});
