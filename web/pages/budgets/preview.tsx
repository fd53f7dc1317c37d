import type { SpendRow } from '#contract/spend.ts';
import { useSpend } from '../../data/spend.ts';
import { format } from '../../format.ts';
import { exactUsd } from '../../money.ts';
import { addMonths, monthAt, monthName, monthStart } from '../../month.ts';
import { absolute } from '../../state/range.ts';
import { Failure } from '../../states/failure.tsx';
import { writeWhere } from '../spend/where.ts';
import { type Draft, isAmount } from './draft.ts';

/** What this budget would have meant last month. */
export function Preview({ draft, zone }: { draft: Draft; zone: string }) {
  const month = addMonths(monthAt(Date.now(), zone), -1);
  const range = absolute(monthStart(month, zone), monthStart(addMonths(month, 1), zone));
  const conditions = draft.filter.filter(({ value }) => value !== '');
  const interval = draft.kind === 'budget' && draft.period !== 'month' ? draft.period : undefined;
  const query = useSpend({ ...range, where: writeWhere(conditions), interval, tz: zone, limit: 100 });
  if (query.error)
    return (
      <Failure
        what="Could not look at last month."
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  if (!query.data) return <p className="text-muted">Looking at {monthName(month)}…</p>;
  const { totals, rows } = query.data;
  return (
    <p role="status" className="rounded-card bg-surface px-3 py-2">
      {totals.calls === 0 ? (
        <>No spend of this kind in {monthName(month)}.</>
      ) : (
        <>
          {monthName(month)} would have been{' '}
          <span className="font-semibold" title={exactUsd(totals.cost_usd)}>
            {format.usd(totals.cost_usd)}
          </span>
          {totals.high_usd !== null && totals.high_usd !== totals.cost_usd && (
            <>
              . Budgets count calls without a price at the most they can cost, which makes it{' '}
              <span className="font-semibold" title={exactUsd(totals.high_usd)}>
                {format.usd(totals.high_usd)}
              </span>
            </>
          )}
          {previewWords(draft, totals.high_usd ?? totals.cost_usd, rows)}.
        </>
      )}
    </p>
  );
}

/** The rest of the sentence, against the amount typed so far. */
export function previewWords(
  draft: Pick<Draft, 'kind' | 'period' | 'amount'>,
  usd: string,
  rows: readonly SpendRow[],
): string {
  const amount = isAmount(draft.amount) ? Number(draft.amount) : null;
  if (draft.kind === 'experiment') return '';
  if (draft.period === 'month')
    return amount === null ? '' : `, ${format.percent(Number(usd) / amount)} of the amount`;
  const costs = rows.map(row => Number(row.high_usd ?? row.cost_usd));
  const most = Math.max(0, ...costs);
  const over = amount === null ? 0 : costs.filter(cost => cost > amount).length;
  const name = draft.period;
  const breaks =
    amount === null
      ? ''
      : over === 0
        ? `; no ${name} would have exceeded the amount`
        : `; ${over} ${name}${over === 1 ? '' : 's'} would have exceeded the amount`;
  return `, at most ${format.usd(most)} in a ${name}${breaks}`;
}
