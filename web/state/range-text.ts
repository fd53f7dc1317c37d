import { DAY_MS, toWall } from '../clock.ts';
import { absolute, inZone, isInstant, type Range } from './range.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const UNITS: [RegExp, string][] = [
  [/^(m|min|mins|minutes?)$/, 'm'],
  [/^(h|hours?|hrs?)$/, 'h'],
  [/^(d|days?)$/, 'd'],
  [/^(w|weeks?)$/, 'w'],
];

interface Point {
  year: number;
  month: number;
  date: number;
  hour: number;
  minute: number;
  /** What was written: a whole day ends at the next midnight. */
  precision: 'day' | 'minute';
}

/**
 * A range in words: `last 3 h`, `45 min`, `today`, `yesterday`, `10 Nov 14:00-15:00`, `10 Nov - 12 Nov`,
 * `2026-11-10 14:00 to 2026-11-11 02:00`. Times are read in the zone. Null when it is not understood.
 */
export function parseRange(text: string, nowMs: number, zone: string): Range | null {
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ');
  const last = /^(?:last |past )?(\d+) ?([a-z]+)$/.exec(words);
  if (last) {
    const unit = UNITS.find(([name]) => name.test(last[2] as string))?.[1];
    if (unit && Number(last[1]) > 0) return { from: `now-${Number(last[1])}${unit}`, to: 'now' };
  }
  const today = today0(nowMs, zone);
  if (words === 'today') return { from: iso(today, zone), to: 'now' };
  if (words === 'yesterday')
    return between({ ...today, date: today.date - 1 }, { ...today, date: today.date - 1 }, zone);

  const ends = split(words);
  if (!ends) return null;
  const from = parsePoint(ends[0], today);
  if (!from) return null;
  const to = ends[1] === undefined ? from : parsePoint(ends[1], from);
  if (!to || (ends[1] === undefined && from.precision === 'minute')) return null;
  return between(from, to, zone);
}

const iso = (point: Point, zone: string) => absolute(start(point, zone), 0).from;

/** ISO dates hold hyphens, so only a hyphen that is not between digits of a date parts two ends. */
function split(words: string): [string, string?] | null {
  const isoPair = /^(\S+)\/(\S+)$/.exec(words);
  if (isoPair) return [isoPair[1] as string, isoPair[2] as string];
  const parts = words.split(/ to | ?– ?| - |(?<=:\d\d)-(?=\d)|(?<=[a-z] ?\d{0,4})-(?=\d{1,2} [a-z])/);
  if (parts.length > 2) return null;
  return [parts[0] as string, parts[1]];
}

function today0(nowMs: number, zone: string): Point {
  const wall = new Date(toWall(nowMs, zone));
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth(),
    date: wall.getUTCDate(),
    hour: 0,
    minute: 0,
    precision: 'day',
  };
}

/** A day, a time, or both; what is missing comes from `base`. */
function parsePoint(text: string, base: Point): Point | null {
  const match =
    /^(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2}) ([a-z]{3})[a-z]*(?: (\d{4}))?|([a-z]{3})[a-z]* (\d{1,2}))?[ t]?(?:(\d{1,2}):(\d{2}))?$/.exec(
      text.trim(),
    );
  if (!match || text.trim() === '') return null;
  const [, isoYear, isoMonth, isoDate, date, month, year, monthFirst, dateSecond, hour, minute] = match;
  const point: Point = { ...base, hour: 0, minute: 0, precision: hour ? 'minute' : 'day' };
  if (isoYear) {
    Object.assign(point, { year: Number(isoYear), month: Number(isoMonth) - 1, date: Number(isoDate) });
  } else if (date ?? dateSecond) {
    const name = MONTHS.indexOf((month ?? monthFirst) as string);
    if (name < 0) return null;
    Object.assign(point, { month: name, date: Number(date ?? dateSecond), year: Number(year ?? base.year) });
  }
  if (hour) Object.assign(point, { hour: Number(hour), minute: Number(minute) });
  return point.date >= 1 && point.date <= 31 && point.month < 12 && point.hour < 25 && point.minute < 60
    ? point
    : null;
}

const start = (point: Point, zone: string) =>
  inZone(point.year, point.month, point.date, point.hour, point.minute, zone);

function between(from: Point, to: Point, zone: string): Range | null {
  const end = to.precision === 'day' ? { ...to, date: to.date + 1 } : to;
  const [fromMs, toMs] = [start(from, zone), start(end, zone)];
  if (!(toMs > fromMs) || toMs - fromMs > 3660 * DAY_MS) return null;
  const range = absolute(fromMs, toMs);
  return isInstant(range.from) && isInstant(range.to) ? range : null;
}
