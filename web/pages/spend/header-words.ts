import { day } from '../../clock.ts';
import { addMonths, monthName, monthWord } from '../../month.ts';
import type { SpendView } from './use-spend-view.ts';

/** Why the month before is none to compare with: `September is known from 23 Sep only`; null when it is. */
export function partlyKnown({ previous, reportingZone }: SpendView): string | null {
  if (previous.beginsMs === null || previous.beginsMs >= Date.parse(previous.to)) return null;
  return `${monthWord(previous.month)} is known from ${day(previous.beginsMs, reportingZone)} only`;
}

/** `October`, or `1 Oct – 21 Oct` while the month is running. */
export function previousWords({ previous, reportingZone, month }: SpendView): string {
  if (!previous.whole)
    return `${day(Date.parse(previous.from), reportingZone)} – ${day(Date.parse(previous.to) - 1, reportingZone)}`;
  // In January the year is worth saying.
  return month.endsWith('-01') ? monthName(addMonths(month, -1)) : monthWord(previous.month);
}
