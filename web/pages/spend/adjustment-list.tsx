import type { ReplyOf } from '#contract/endpoint.ts';
import type { Repricing, spendCalls } from '#contract/spend.ts';
import { day, exact } from '../../clock.ts';
import { exactUsd, signedUsd } from '../../money.ts';

type Adjustment = ReplyOf<typeof spendCalls>['adjustments'][number];

interface AdjustmentListProps {
  adjustments: readonly Adjustment[];
  repricings: readonly Repricing[];
  zone: string;
}

const SHOWN = 50;

/** What was booked in a month for calls of closed ones, with its reason. */
export function AdjustmentList({ adjustments, repricings, zone }: AdjustmentListProps) {
  const notes = new Map(repricings.map(one => [one.posting_id, one.note]));
  return (
    <ul className="rounded-card border border-line">
      {adjustments.slice(0, SHOWN).map(one => (
        <li
          key={`${one.booked_at} ${one.origin} ${one.reason} ${one.feature} ${one.model}`}
          className="flex items-baseline justify-between gap-3 border-t border-line px-4 py-1.5 first:border-t-0"
        >
          <span className="min-w-0">
            {one.feature || '(no feature)'}, {one.model || '(no model)'}{' '}
            <span className="text-muted" title={exact(Date.parse(one.origin), zone)}>
              of {day(Date.parse(one.origin), zone)}:{' '}
              {one.reason === 'late'
                ? 'arrived after closing'
                : `repriced${notes.get(one.reason) ? `, ${notes.get(one.reason)}` : ''}`}
            </span>
          </span>
          <span className="whitespace-nowrap" title={exactUsd(one.change_usd)}>
            {signedUsd(one.change_usd)}
          </span>
        </li>
      ))}
      {adjustments.length > SHOWN && (
        <li className="border-t border-line px-4 py-1.5 text-muted">
          The first {SHOWN} of {adjustments.length}.
        </li>
      )}
    </ul>
  );
}
