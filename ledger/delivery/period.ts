import type { DeliverySchedule } from '#contract/delivery.ts';
import { instantOf, offsetMs } from '../files/month-bounds.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A day, week (Monday to Sunday) or month of a zone that is sent when it is over. */
export interface Period {
  /** `2026-11-20`, `2026-11-09/2026-11-15` or `2026-10`. */
  label: string;
  /** Unix milliseconds, [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** When it is to be sent: at the hour of the day after. */
  dueMs: number;
}

export interface Timetable {
  schedule: DeliverySchedule;
  hour: number;
  zone: string;
}

/** Periods that became due after `sinceMs` and not after `nowMs`, the newest first; at most `most`. */
export function duePeriods(
  timetable: Timetable,
  { sinceMs, nowMs, most }: { sinceMs: number; nowMs: number; most: number },
): Period[] {
  const due: Period[] = [];
  // The period that holds this day cannot be due; the one before may still wait for its hour.
  for (let day = localDay(nowMs, timetable.zone); due.length < most; ) {
    const period = periodOf(timetable, startOf(timetable.schedule, day) - 1);
    if (period.dueMs <= sinceMs) break;
    if (period.dueMs <= nowMs) due.push(period);
    day = startOf(timetable.schedule, day) - 1;
  }
  return due;
}

/** The newest period that is over, whether its hour has come or not. */
export function lastPeriod(timetable: Timetable, nowMs: number): Period {
  const today = localDay(nowMs, timetable.zone);
  return periodOf(timetable, startOf(timetable.schedule, today) - 1);
}

/** When something is to be sent next. */
export function nextDueMs(timetable: Timetable, nowMs: number): number {
  const { dueMs } = lastPeriod(timetable, nowMs);
  return dueMs > nowMs ? dueMs : periodOf(timetable, localDay(nowMs, timetable.zone)).dueMs;
}

/** Days since 1 January 1970 on the clock of the zone. */
const localDay = (ms: number, zone: string) => Math.floor((ms + offsetMs(ms, zone)) / dayMs);

/** The period that holds a day. */
function periodOf({ schedule, hour, zone }: Timetable, day: number): Period {
  const start = startOf(schedule, day);
  const next = nextStart(schedule, start);
  return {
    label: labelOf(schedule, start, next),
    fromMs: instantOf(start * dayMs, zone),
    toMs: instantOf(next * dayMs, zone),
    dueMs: instantOf(next * dayMs + hour * hourMs, zone),
  };
}

function startOf(schedule: DeliverySchedule, day: number): number {
  if (schedule === 'daily') return day;
  // 1 January 1970 was a Thursday.
  if (schedule === 'weekly') return day - ((day + 3) % 7);
  const date = new Date(day * dayMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / dayMs;
}

function nextStart(schedule: DeliverySchedule, start: number): number {
  if (schedule === 'daily') return start + 1;
  if (schedule === 'weekly') return start + 7;
  const date = new Date(start * dayMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / dayMs;
}

function labelOf(schedule: DeliverySchedule, start: number, next: number): string {
  const date = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10);
  if (schedule === 'daily') return date(start);
  return schedule === 'weekly' ? `${date(start)}/${date(next - 1)}` : date(start).slice(0, 7);
}
