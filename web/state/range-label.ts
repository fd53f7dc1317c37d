import { DAY_MS, day, dayTime, time, toWall } from '../clock.ts';
import { agoMs, instantMs, isRelative, type Range } from './range.ts';

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
