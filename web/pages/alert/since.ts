import type { AlertSummary } from '#contract/alert.ts';
import { day, time, timeNear } from '../../clock.ts';

/** `14:15 and 16:00`, each with its date when they lie on two days or on another than today; null when nothing is known. */
export function betweenWords(
  between: AlertSummary['changed_between'],
  nowMs: number,
  zone: string,
): string | null {
  if (between === null) return null;
  const [fromMs, toMs] = [Date.parse(between.from), Date.parse(between.to)];
  const sameDay = day(fromMs, zone) === day(toMs, zone);
  const to = sameDay ? time(toMs, zone) : timeNear(toMs, nowMs, zone);
  return `${timeNear(fromMs, nowMs, zone)} and ${to}`;
}

/** How far something lies from the time in which the change began, or from the change where there is no such time. */
export function distanceWords(
  {
    minutes_from_interval: away,
    minutes_from_change: apart,
  }: { minutes_from_interval: number; minutes_from_change: number },
  hasInterval: boolean,
): string {
  const minutes = hasInterval ? away : apart;
  if (hasInterval && away === 0) return 'within that time';
  if (Math.abs(minutes) < 1) return 'at the same time';
  return `${lastedMinutes(Math.abs(minutes))} ${minutes < 0 ? 'before' : 'after'} it`;
}

function lastedMinutes(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
