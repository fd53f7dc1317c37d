import { DAY_MS, day, dayTime, fromWall, HOUR_MS, MINUTE_MS, time, toWall } from '../clock.ts';

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
function agoMs(text: string): number | null {
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
function relative(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / MINUTE_MS));
  if (minutes === 0) return 'now';
  if (minutes % 1440 === 0) return `now-${minutes / 1440}d`;
  return minutes % 60 === 0 ? `now-${minutes / 60}h` : `now-${minutes}m`;
}

/** To the second: nobody means milliseconds, and links stay short. */
const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The same length, `ms` earlier. A relative range stays relative, so that it keeps moving with the clock. */
export function earlier(range: Range, ms: number): Range {
  const move = (text: string) => {
    const ago = agoMs(text);
    return ago === null ? iso(Date.parse(text) - ms) : relative(ago + ms);
  };
  return { from: move(range.from), to: move(range.to) };
}

/** One range length into the past (-1) or the future (1), never beyond now. */
export function shift(range: Range, direction: -1 | 1, nowMs: number): Range {
  const span = spanMs(range, nowMs);
  const from = instantMs(range.from, nowMs) + direction * span;
  if (from + span >= nowMs - MINUTE_MS && direction === 1) return { from: relative(span), to: 'now' };
  return { from: iso(from), to: iso(from + span) };
}

/** Twice as much time around the same middle, ending at most now. */
export function zoomOut(range: Range, nowMs: number): Range {
  const span = spanMs(range, nowMs);
  if (agoMs(range.to) === 0) return { from: relative(span * 2), to: 'now' };
  const to = Math.min(nowMs, instantMs(range.to, nowMs) + span / 2);
  return { from: iso(to - span * 2), to: iso(to) };
}

/** The range as absolute instants: what a shared link must hold. */
export const frozen = (range: Range, nowMs: number): Range => ({
  from: iso(Math.floor(instantMs(range.from, nowMs) / 1000) * 1000),
  to: iso(Math.ceil(instantMs(range.to, nowMs) / 1000) * 1000),
});

export const absolute = (fromMs: number, toMs: number): Range => ({ from: iso(fromMs), to: iso(toMs) });

export const quickRanges: { label: string; range: Range }[] = [
  ['1 h', 'now-1h'],
  ['3 h', 'now-3h'],
  ['24 h', 'now-24h'],
  ['3 d', 'now-3d'],
  ['7 d', 'now-7d'],
  ['30 d', 'now-30d'],
  ['8 weeks', 'now-56d'],
].map(([label, from]) => ({ label: `Last ${label}`, range: { from: from as string, to: 'now' } }));

/** `Last 24 h`, or `10 Nov 14:00 – 15:00` in the zone. */
export function rangeLabel(range: Range, zone: string, locale?: string): string {
  const quick = quickRanges.find(({ range: one }) => one.from === range.from && one.to === range.to);
  if (quick) return quick.label;
  const ago = agoMs(range.from);
  if (ago !== null && agoMs(range.to) === 0) return `Last ${wordy(range.from.slice(4))}`;
  if (isRelative(range)) return `${wordy(range.from.slice(4))} to ${wordy(range.to.slice(4))} ago`;
  const from = instantMs(range.from, Date.now());
  const to = instantMs(range.to, Date.now());
  const midnights = [from, to].every(ms => toWall(ms, zone) % DAY_MS === 0);
  if (midnights) {
    const last = day(to - 1, zone, locale);
    const first = day(from, zone, locale);
    return first === last ? first : `${first} – ${last}`;
  }
  const sameDay = day(from, zone, locale) === day(to, zone, locale);
  return `${dayTime(from, zone, locale)} – ${sameDay ? time(to, zone, locale) : dayTime(to, zone, locale)}`;
}

const wordy = (text: string) =>
  text.replace(/(\d+)(\w)/, (_, amount, unit) => `${amount} ${unit === 'm' ? 'min' : unit}`);

/** Buckets a chart of this span asks for: at most about 300 points. */
export function intervalFor(span: number): '15m' | 'hour' | 'day' | 'week' | 'month' {
  if (span <= 50 * HOUR_MS) return '15m';
  if (span <= 10 * DAY_MS) return 'hour';
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
