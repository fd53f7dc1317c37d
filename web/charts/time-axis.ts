import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 12].map(hours => hours * HOUR_MS),
  ...[1, 2, 4, 7, 14].map(days => days * DAY_MS),
];
const MONTHS = [1, 2, 3, 6, 12, 24, 60];
/** A step may be this much finer than wanted: rather 4 h than 6 h for 4.8 h. */
const ROUNDING = 0.8;
const MONTH_MS = 30 * DAY_MS;
/** 5 January 1970, so that weeks begin on a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Round times between two wall clock times, about `count` of them, never closer than `minStepMs`. */
export function timeTicks(fromMs: number, toMs: number, count: number, minStepMs = 0): number[] {
  const wanted = Math.max((toMs - fromMs) / count, minStepMs);
  const stepMs = STEPS.find(one => one >= wanted * ROUNDING);
  if (stepMs === undefined) return monthTicks(fromMs, toMs, wanted);
  const originMs = stepMs >= 7 * DAY_MS ? FIRST_MONDAY_MS : 0;
  const ticks: number[] = [];
  for (
    let at = Math.ceil((fromMs - originMs) / stepMs) * stepMs + originMs;
    at <= toMs && ticks.length < 100;
    at += stepMs
  )
    ticks.push(at);
  return ticks;
}

function monthTicks(fromMs: number, toMs: number, wantedMs: number): number[] {
  const months = MONTHS.find(one => one * MONTH_MS >= wantedMs * ROUNDING) ?? (MONTHS.at(-1) as number);
  const from = new Date(fromMs);
  // Counted from 1970; a year's multiple of months falls on its January.
  const first = Math.ceil(((from.getUTCFullYear() - 1970) * 12 + from.getUTCMonth()) / months) * months;
  return Array.from({ length: 100 }, (_, at) => Date.UTC(1970, first + at * months)).filter(
    ms => ms >= fromMs && ms <= toMs,
  );
}
