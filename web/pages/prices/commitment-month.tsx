import type { CommitmentMonth } from '#contract/commitment.ts';
import { dayTime } from '../../clock.ts';
import { format } from '../../format.ts';
import { exactUsd, minusUsd, nanosOf, shareOf, signedUsd, sumUsd } from '../../money.ts';
import { monthName } from '../../month.ts';
import { classes } from '../../ui/classes.ts';

interface CommitmentMonthProps {
  month: CommitmentMonth;
  /** The reporting zone. */
  zone: string;
}

/** What of a month's amount is used, what is left of it, and what went beyond; as the month's statement and its FOCUS file say it. */
export function CommitmentMonthRow({ month, zone }: CommitmentMonthProps) {
  const { used_usd, amount_usd, corrections } = month;
  const { words, isLost } = restWords(month, zone);
  return (
    <div className="mt-3 max-w-[640px]">
      <p className="flex flex-wrap justify-between gap-x-4">
        <span>
          {monthName(month.month)}: <span title={exactUsd(used_usd)}>{format.usd(used_usd)}</span> of{' '}
          {format.usd(amount_usd)} used
        </span>
        <span className={isLost ? 'text-warning' : 'text-muted'} title={exactUsd(month.unused_usd)}>
          {words}
        </span>
      </p>
      <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full border border-line bg-surface">
        <div
          className={classes('h-full', isLost ? 'bg-warning' : 'bg-accent')}
          style={{ width: `${Math.max(0, Math.min(1, shareOf(used_usd, amount_usd) ?? 0)) * 100}%` }}
        />
      </div>
      {nanosOf(month.beyond_usd) > 0n && (
        <p className="mt-1" title={exactUsd(month.beyond_usd)}>
          {format.usd(month.beyond_usd)} {beyondWords[month.basis]}
        </p>
      )}
      {corrections.map(({ booked_month, used_usd: used, beyond_usd: beyond }) => (
        <p key={booked_month} className="mt-1 text-muted">
          Since it was closed, booked in {monthName(booked_month)}:{' '}
          {[
            nanosOf(used) !== 0n && `${signedUsd(used)} used`,
            nanosOf(beyond) !== 0n && `${signedUsd(beyond)} beyond the amount`,
          ]
            .filter(Boolean)
            .join(', ')}
          .
        </p>
      ))}
      {corrections.some(({ used_usd: used }) => nanosOf(used) !== 0n) && (
        <p className="text-muted">
          {nanosOf(restOf(month)) === 0n
            ? 'With that all of it is used.'
            : `With that ${format.usd(restOf(month))} of it is not used.`}
        </p>
      )}
    </div>
  );
}

/** What is left of an amount once what was booked later is taken from it. */
const restOf = ({ unused_usd, corrections }: CommitmentMonth) =>
  minusUsd(unused_usd, sumUsd(corrections.map(({ used_usd }) => used_usd)));

function restWords(month: CommitmentMonth, zone: string): { words: string; isLost: boolean } {
  const { basis, is_over, unused_usd, ran_out_at } = month;
  if (nanosOf(unused_usd) === 0n) {
    if (basis !== 'paid_ahead') return { words: 'reached', isLost: false };
    return {
      words: ran_out_at ? `ran out ${dayTime(Date.parse(ran_out_at), zone)}` : 'used up',
      isLost: false,
    };
  }
  const rest = format.usd(unused_usd);
  if (basis === 'paid_ahead')
    return { words: is_over ? `${rest} paid for nothing` : `${rest} left`, isLost: is_over };
  return { words: is_over ? `${rest} not reached` : `${rest} to go`, isLost: is_over };
}

const beyondWords: Record<CommitmentMonth['basis'], string> = {
  paid_ahead: 'used beyond it, which is billed.',
  priced: 'more than committed.',
  spent: 'more than committed.',
};

/** What counts as used, since amounts are agreed in three ways. */
export const basisWords: Record<CommitmentMonth['basis'], string> = {
  paid_ahead: 'Paid ahead: used by what it covers of the calls it prices.',
  priced: 'Committed: used by what the calls that it prices cost.',
  spent: 'Committed, without a price of its own: used by what all these calls cost.',
};
