/** Times as people read them. Zones are IANA names; instants are epoch milliseconds. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Made once for its options: making one takes as long as writing a hundred times with it. */
export function formatter(locale: string | undefined, zone: string, options: Intl.DateTimeFormatOptions) {
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
    formats.set(key, made);
  }
  return made;
}

export const viewerZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Milliseconds the zone's clock is ahead of UTC at that instant. */
export function zoneOffsetMs(ms: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const parts: Record<string, number> = {};
  const options = {
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const;
  for (const { type, value } of formatter('en-US', zone, options).formatToParts(ms))
    parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** The zone's wall clock read as if it were UTC: what a time axis needs to put its ticks at the zone's midnight. */
export const toWall = (ms: number, zone: string) => ms + zoneOffsetMs(ms, zone);

/** The instant a wall clock time names; a time skipped by the clock change lands after it. */
export function fromWall(wallMs: number, zone: string): number {
  const guess = wallMs - zoneOffsetMs(wallMs, zone);
  return wallMs - zoneOffsetMs(guess, zone);
}

/** `38 min ago`; older than a day becomes a date. */
export function ago(ms: number, nowMs: number, zone: string, locale?: string): string {
  const size = Math.max(0, nowMs - ms);
  if (size < 10_000) return 'just now';
  if (size < MINUTE_MS) return `${Math.floor(size / 1000)} s ago`;
  if (size < HOUR_MS) return `${Math.floor(size / MINUTE_MS)} min ago`;
  if (size < DAY_MS) return `${Math.floor(size / HOUR_MS)} h ago`;
  return dayTime(ms, zone, locale);
}

/** How long something has lasted: `38 min`, `5 h`, `3 d`. */
export function lasted(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

const HOUR_MINUTE = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

export const time = (ms: number, zone: string, locale?: string) =>
  formatter(locale, zone, HOUR_MINUTE).format(ms);

export const timeSeconds = (ms: number, zone: string, locale?: string) =>
  formatter(locale, zone, { ...HOUR_MINUTE, second: '2-digit' }).format(ms);

export const day = (ms: number, zone: string, locale?: string) =>
  formatter(locale, zone, { day: 'numeric', month: 'short' }).format(ms);

export const dayTime = (ms: number, zone: string, locale?: string) =>
  `${day(ms, zone, locale)} ${time(ms, zone, locale)}`;

/** Time alone on the same day, else with the date. */
export function timeNear(ms: number, nowMs: number, zone: string, locale?: string): string {
  return day(ms, zone, locale) === day(nowMs, zone, locale)
    ? time(ms, zone, locale)
    : dayTime(ms, zone, locale);
}

/** The whole instant with its zone, for titles. */
export const exact = (ms: number, zone: string, locale?: string) =>
  `${formatter(locale, zone, { year: 'numeric', month: 'short', day: 'numeric', ...HOUR_MINUTE, second: '2-digit' }).format(ms)} (${zone})`;

/** A tick of a time axis: `14:05`, `Tue 10`, `10 Nov`, depending on how much the axis shows. */
export function tick(wallMs: number, spanMs: number, locale?: string): string {
  const midnight = wallMs % DAY_MS === 0;
  if (spanMs > 14 * DAY_MS) return day(wallMs, 'UTC', locale);
  if (midnight) return formatter(locale, 'UTC', { weekday: 'short', day: 'numeric' }).format(wallMs);
  return time(wallMs, 'UTC', locale);
}
