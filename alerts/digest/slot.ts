import { isoInZone } from '#store/queries/zone-time.ts';
import { dayMs } from '../drift/season.ts';

/** Weekday 1 Monday to 7 Sunday and an hour, on the clock of an IANA zone. */
export interface Slot {
  weekday: number;
  hour: number;
  zone: string;
}

/** The last time it was so, at or before `nowMs`, and the next one; Unix milliseconds. */
export function slotsAround(
  { weekday, hour, zone }: Slot,
  nowMs: number,
): { lastMs: number; nextMs: number } {
  const today = Math.floor((nowMs + offsetMs(nowMs, zone)) / dayMs);
  // 1 January 1970 was a Thursday.
  const sinceWeekday = (today + 3 - (weekday - 1) + 7) % 7;
  const at = (weeks: number) =>
    instantOf((today - sinceWeekday + 7 * weeks) * dayMs + hour * 3_600_000, zone);
  return at(0) <= nowMs ? { lastMs: at(0), nextMs: at(1) } : { lastMs: at(-1), nextMs: at(0) };
}

/** What the clock of the zone is ahead of UTC. */
function offsetMs(ms: number, zone: string): number {
  const whole = Math.floor(ms / 1000) * 1000;
  return Date.parse(`${isoInZone(whole, zone).slice(0, 19)}Z`) - whole;
}

/** When a clock of the zone shows `wallMs`; an hour that is left out in spring is the one after. */
function instantOf(wallMs: number, zone: string): number {
  const guess = wallMs - offsetMs(wallMs, zone);
  return wallMs - offsetMs(guess, zone);
}
