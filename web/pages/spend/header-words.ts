import { day } from '../../clock.ts';
import { addMonths, monthName, monthWord } from '../../month.ts';
import type { SpendView } from './use-spend-view.ts';

/** `October`, or `1 Oct – 21 Oct` while the month is running. */
export function previousWords({ previous, reportingZone, month }: SpendView): string {
  if (!previous.whole)
    return `${day(Date.parse(previous.from), reportingZone)} – ${day(Date.parse(previous.to) - 1, reportingZone)}`;
  // In January the year is worth saying.
  return month.endsWith('-01') ? monthName(addMonths(month, -1)) : monthWord(previous.month);
}
