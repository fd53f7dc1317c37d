import type { BudgetPeriod } from '#contract/budget.ts';

/** A calendar date of the reporting zone, `2026-11-21`. */
export type LocalDate = string;

/** [fromMs, toMs) in Unix milliseconds, and its first and last date. */
export interface Period {
  fromMs: number;
  toMs: number;
  first: LocalDate;
  last: LocalDate;
}

const dayMs = 86_400_000;
const quarterMs = 15 * 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The date in a zone at an instant. */
export function localDate(ms: number, zone: string): LocalDate {
  let format = formats.get(zone);
  if (!format) {
    // Swedish writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
    formats.set(zone, format);
  }
  return format.format(ms);
}

/**
 * The first instant of a date in a zone, as Unix milliseconds. Found by halving over the quarters of an hour around it, so a
 * day that begins at 01:00 because the clocks change at midnight is right too.
 */
export function startOfDay(date: LocalDate, zone: string): number {
  const utcMidnight = Date.parse(`${date}T00:00:00Z`);
  let before = utcMidnight - 15 * 4 * quarterMs;
  let after = utcMidnight + 15 * 4 * quarterMs;
  while (after - before > quarterMs) {
    const middle = before + Math.floor((after - before) / 2 / quarterMs) * quarterMs;
    if (localDate(middle, zone) >= date) after = middle;
    else before = middle;
  }
  return after;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** 0 is Monday, 6 is Sunday. */
export function weekday(date: LocalDate): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** Both ends included; none when the second is before the first. */
export function datesBetween(first: LocalDate, last: LocalDate): LocalDate[] {
  const count = Math.round((Date.parse(last) - Date.parse(first)) / dayMs) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => addDays(first, index));
}

export function periodOf(first: LocalDate, last: LocalDate, zone: string): Period {
  return { first, last, fromMs: startOfDay(first, zone), toMs: startOfDay(addDays(last, 1), zone) };
}

/** The day, week (from Monday) or month of a zone that contains an instant. */
export function periodAt(ms: number, period: BudgetPeriod, zone: string): Period {
  const today = localDate(ms, zone);
  if (period === 'day') return periodOf(today, today, zone);
  if (period === 'week') {
    const monday = addDays(today, -weekday(today));
    return periodOf(monday, addDays(monday, 6), zone);
  }
  const first = `${today.slice(0, 8)}01`;
  const nextFirst = `${addDays(first, 31).slice(0, 8)}01`;
  return periodOf(first, addDays(nextFirst, -1), zone);
}

/** Seconds since the day began by the clock on the wall (25-hour days repeat an hour), for comparing times of day. */
export function secondsOfDay(ms: number, zone: string): number {
  const text = new Date(ms).toLocaleTimeString('sv-SE', { timeZone: zone, hour12: false });
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
