import type { Statement } from '#contract/statement.ts';
import { day } from '../../clock.ts';
import { format, signed } from '../../format.ts';
import { changeOf, minusUsd, shareOf, signedUsd } from '../../money.ts';
import { monthWord } from '../../month.ts';
import { centreLabels } from './search.ts';

export const centreName = ({ by, value }: Pick<Statement, 'by' | 'value'>) =>
  value || `Without a ${centreLabels[by].toLowerCase()}`;

/** `1 Oct – 31 Oct 2026` */
export function periodWords({ from, to, zone }: Statement): string {
  const last = Date.parse(to) - 1;
  const year = new Intl.DateTimeFormat(undefined, { timeZone: zone, year: 'numeric' }).format(last);
  return `${day(Date.parse(from), zone)} – ${day(last, zone)} ${year}`;
}

/** `+$812.40 (+26 %) against September`; null without a month before. One that is known in part is only said. */
export function comparisonWords({ previous, cost_usd, zone }: Statement): string | null {
  if (!previous) return null;
  if (previous.begins_at !== null)
    return `${monthWord(previous.month)}: ${format.usd(previous.cost_usd)}, known from ${day(Date.parse(previous.begins_at), zone)} only`;
  const change = changeOf(cost_usd, previous.cost_usd);
  const relative = change === null ? '' : ` (${signed(format.percent(Math.abs(change)), change)})`;
  return `${signedUsd(minusUsd(cost_usd, previous.cost_usd))}${relative} against ${monthWord(previous.month)}, ${format.usd(previous.cost_usd)}`;
}

/** `82 % of $15,000.00` */
export function budgetWords({ budget, cost_usd }: Statement): string | null {
  if (!budget) return null;
  return `${format.percent(shareOf(cost_usd, budget.amount_usd))} of ${format.usd(budget.amount_usd)} (${budget.name})`;
}

/** Why something was booked for a month that was closed. */
export function reasonWords({ reason, note, calls }: Statement['adjustments'][number]): string {
  if (reason === 'late')
    return `${format.full(calls)} ${calls === 1 ? 'call' : 'calls'} received after closing`;
  return note ? `Repricing: ${note}` : `Repricing ${reason}`;
}

/** `3 Nov 2026`, as on a letter. */
export const dateWords = (iso: string, zone: string) =>
  new Intl.DateTimeFormat(undefined, { timeZone: zone, dateStyle: 'medium' }).format(Date.parse(iso));

/** Why amounts may still be too low, and how far it is. */
export const fillingWords = (done: number) =>
  `Older days are still being added up (${format.percent(done)} done), so amounts are not complete.`;
