import { DAY_MS, fromWall, HOUR_MS, MINUTE_MS } from '../clock.ts';

/** A time range as the URL holds it: `now-24h`, `now`, or ISO 8601 instants. */
export interface Range {
  from: string;
  to: string;
}

const RELATIVE = /^now(?:-(\d+)(m|h|d|w))?$/;
const UNIT_MS: Record<string, number> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };

export const isInstant = (text: string) =>
  RELATIVE.test(text) || (/^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)));

/** Milliseconds before now, or null for an absolute instant. */
export function agoMs(text: string): number | null {
  const match = RELATIVE.exec(text);
  if (!match) return null;
  return match[1] ? Number(match[1]) * (UNIT_MS[match[2] as string] as number) : 0;
}

export function instantMs(text: string, nowMs: number): number {
  const ago = agoMs(text);
  return ago === null ? Date.parse(text) : nowMs - ago;
}

export const spanMs = (range: Range, nowMs: number) =>
  instantMs(range.to, nowMs) - instantMs(range.from, nowMs);

export const isRelative = (range: Range) => agoMs(range.from) !== null && agoMs(range.to) !== null;

/** Relative text with the largest unit that is exact; contract instants have no unit below a minute. */
export function relative(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / MINUTE_MS));
  if (minutes === 0) return 'now';
  if (minutes % 1440 === 0) return `now-${minutes / 1440}d`;
  return minutes % 60 === 0 ? `now-${minutes / 60}h` : `now-${minutes}m`;
}

/** To the second: nobody means milliseconds, and links stay short. */
export const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The same length, `ms` earlier. A relative range stays relative, so that it keeps moving with the clock. */
export function earlier(range: Range, ms: number): Range {
  const move = (text: string) => {
    const ago = agoMs(text);
    return ago === null ? iso(Date.parse(text) - ms) : relative(ago + ms);
  };
  return { from: move(range.from), to: move(range.to) };
}

export const absolute = (fromMs: number, toMs: number): Range => ({ from: iso(fromMs), to: iso(toMs) });

/** Buckets a chart of this span asks for: few enough to be calm, at most about 200 points. */
export function intervalFor(span: number): '15m' | 'hour' | 'day' | 'week' | 'month' {
  if (span <= 13 * HOUR_MS) return '15m';
  if (span <= 8 * DAY_MS) return 'hour';
  if (span <= 200 * DAY_MS) return 'day';
  return span <= 900 * DAY_MS ? 'week' : 'month';
}

export const intervalMs = (interval: ReturnType<typeof intervalFor>) =>
  ({ '15m': 15 * MINUTE_MS, hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS })[interval];

/** Instant of a date and time read in the zone. */
export const inZone = (
  year: number,
  month: number,
  date: number,
  hour: number,
  minute: number,
  zone: string,
) => fromWall(Date.UTC(year, month, date, hour, minute), zone);
