import type { Reconciliation } from '../../data/reconcile.ts';
import { format } from '../../format.ts';
import { exactUsd, nanosOf, signedUsd } from '../../money.ts';
import { Note } from '../../states/note.tsx';
import { kindLabel, reasonLabels } from './words.ts';

/** Why it differs, the largest amounts first; what is not explained comes last. */
export function ReasonList({ found }: { found: Reconciliation }) {
  const { reasons, unexplained_usd: unexplained } = found;
  if (reasons.length === 0 && nanosOf(unexplained) === 0n)
    return <Note title="Nothing differs: every amount is in the ledger." />;
  return (
    <ul>
      {reasons.map(reason => (
        <li
          key={`${reason.reason} ${reason.model} ${reason.kind}`}
          className="flex items-start justify-between gap-4 border-t border-line px-4 py-3"
        >
          <div className="min-w-0">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-semibold">{reasonLabels[reason.reason]}</span>
              <span className="text-muted">
                {[reason.model, kindLabel(reason.kind).toLowerCase()].filter(Boolean).join(', ')}
              </span>
            </p>
            <p className="max-w-text">{reason.text}</p>
            <p className="text-label text-muted">{sizes(reason)}</p>
          </div>
          <span className="font-semibold whitespace-nowrap" title={exactUsd(reason.amount_usd)}>
            {signedUsd(reason.amount_usd)}
          </span>
        </li>
      ))}
      <li className="flex items-start justify-between gap-4 border-t-2 border-line px-4 py-3 font-semibold">
        <span>Not explained</span>
        <span title={exactUsd(unexplained)}>{signedUsd(unexplained)}</span>
      </li>
    </ul>
  );
}

function sizes({ tokens, calls, ratio, reason }: Reconciliation['reasons'][number]): string {
  const said = [
    ...(calls === null ? [] : [`${format.count(calls)} calls`]),
    ...(tokens === null || tokens === '0' ? [] : [`${format.count(Number(tokens))} tokens`]),
    ...(ratio === null || reason === 'time_shift'
      ? []
      : [`their price is ${(ratio * 100).toFixed(1)} % of ours`]),
  ];
  return said.join(', ');
}
