import { DAY_MS, formatter, fromWall, HOUR_MS, toWall } from './clock.ts';

/** A month is `2026-11`; which instants it holds depends on the reporting zone. */

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;
export const isMonth = (text: unknown): text is string => typeof text === 'string' && MONTH.test(text);

const numbers = (month: string): [year: number, index: number] => {
  const [, year, number] = MONTH.exec(month) ?? [];
  return [Number(year), Number(number) - 1];
};

const text = (year: number, index: number) => {
  const date = new Date(Date.UTC(year, index, 1));
  return `${date.getUTCFullYear()}-${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
};

export const monthAt = (ms: number, zone: string) => {
  const wall = new Date(toWall(ms, zone));
  return text(wall.getUTCFullYear(), wall.getUTCMonth());
};

/** So many months later, or earlier. */
export const addMonths = (month: string, count: number) => {
  const [year, index] = numbers(month);
  return text(year, index + count);
};

/** First instant of the month in the zone. */
export const monthStart = (month: string, zone: string) => {
  const [year, index] = numbers(month);
  return fromWall(Date.UTC(year, index, 1), zone);
};

export const daysIn = (month: string) => {
  const [year, index] = numbers(month);
  return new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
};

/** `November 2026` */
export const monthName = (month: string, locale?: string) => {
  const [year, index] = numbers(month);
  return formatter(locale, 'UTC', { month: 'long', year: 'numeric' }).format(Date.UTC(year, index, 1));
};

/** `October`, where the year is clear. */
export const monthWord = (month: string, locale?: string) => {
  const [year, index] = numbers(month);
  return formatter(locale, 'UTC', { month: 'long' }).format(Date.UTC(year, index, 1));
};

/** `30 November`, the last day. */
export const lastDay = (month: string, locale?: string) => {
  const [year, index] = numbers(month);
  return formatter(locale, 'UTC', { day: 'numeric', month: 'short' }).format(Date.UTC(year, index + 1, 0));
};

/**
 * Starts of the buckets that hold some time between two instants: the zone's whole hours, midnights or Mondays. The first may
 * begin before `fromMs`.
 */
export function bucketStarts(
  fromMs: number,
  toMs: number,
  step: 'hour' | 'day' | 'week',
  zone: string,
): number[] {
  const fromWallMs = toWall(fromMs, zone);
  if (step === 'hour') {
    const first = fromMs - (fromWallMs % HOUR_MS);
    const count = Math.max(0, Math.ceil((toMs - first) / HOUR_MS));
    return Array.from({ length: Math.min(count, MOST) }, (_, at) => first + at * HOUR_MS);
  }
  const starts: number[] = [];
  let day = Math.floor(fromWallMs / DAY_MS);
  // 1 January 1970 was a Thursday; weeks begin on Monday.
  if (step === 'week') day -= (day + 3) % 7;
  for (; starts.length < MOST; day += step === 'week' ? 7 : 1) {
    const start = fromWall(day * DAY_MS, zone);
    if (start >= toMs) break;
    starts.push(start);
  }
  return starts;
}

/** More buckets than any month has. */
const MOST = 2000;
