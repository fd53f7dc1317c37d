import type { SpendKind } from '#contract/spend-words.ts';
import { useRepricings, useSpend, useSpendCalls } from '../../data/spend.ts';
import { format, MISSING } from '../../format.ts';
import { exactUsd, nanosOf, signedUsd } from '../../money.ts';
import type { Range } from '../../state/range.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { AdjustmentList } from './adjustment-list.tsx';
import { CallRow } from './call-row.tsx';
import { isPiece, kindLabels, valueLabel } from './words.ts';

interface CallsSheetProps {
  range: Range;
  where: string;
  /** Only what was paid for this kind. */
  kind: SpendKind | null;
  /** Of the times of single calls. */
  zone: string;
}

/** How a number was computed: by what was paid for, with what was added later, down to its calls. */
export function CallsSheet({ range, where, kind, zone }: CallsSheetProps) {
  const kinds = useSpend({ ...range, where, group_by: 'kind', limit: 100 });
  const whole = useSpend({ ...range, where, limit: 1 });
  const calls = useSpendCalls({ ...range, where, kind: kind ?? undefined, limit: 25 });
  const adjustments = calls.data?.pages[0]?.adjustments ?? [];
  const repricings = useRepricings(adjustments.length > 0);
  return (
    <div className="flex flex-col gap-4 p-4">
      <Panel title="Units × price" what="the kinds" query={kinds} height={120}>
        {({ rows, totals }) => (
          <table className="mb-2 w-full">
            <thead className="text-label text-muted">
              <tr>
                <th scope="col" className="h-7 px-4 text-left">
                  Paid for
                </th>
                <th scope="col" className="h-7 pr-4 text-right">
                  Units
                </th>
                <th scope="col" className="h-7 pr-4 text-right">
                  Average
                </th>
                <th scope="col" className="h-7 pr-4 text-right">
                  Cost
                </th>
              </tr>
            </thead>
            <tbody>
              {rows
                .filter(row => kind === null || row.kind === kind)
                .map(row => (
                  <tr key={row.kind} className="border-t border-line">
                    <th scope="row" className="h-8 px-4 text-left font-normal">
                      {valueLabel('kind', row.kind ?? '')}
                    </th>
                    <td className="h-8 pr-4 text-right" title={format.full(row.units)}>
                      {format.count(row.units)}
                    </td>
                    <td className="h-8 pr-4 text-right whitespace-nowrap">
                      <Average kind={row.kind ?? ''} units={row.units ?? null} usd={row.cost_usd} />
                    </td>
                    <td className="h-8 pr-4 text-right whitespace-nowrap" title={exactUsd(row.cost_usd)}>
                      {format.usd(row.cost_usd)}
                    </td>
                  </tr>
                ))}
            </tbody>
            {kind === null && (
              <tfoot>
                <tr className="border-t-2 border-line font-semibold">
                  <th scope="row" colSpan={3} className="h-8 px-4 text-left">
                    Total
                  </th>
                  <td className="h-8 pr-4 text-right whitespace-nowrap" title={exactUsd(totals.cost_usd)}>
                    {format.usd(totals.cost_usd)}
                  </td>
                </tr>
              </tfoot>
            )}
          </table>
        )}
      </Panel>
      {kind === null && whole.data && <Booked totals={whole.data.totals} />}
      {adjustments.length > 0 && (
        <section>
          <h3 className="mb-1">Booked here for closed months</h3>
          <AdjustmentList
            adjustments={adjustments}
            repricings={repricings.data?.repricings ?? []}
            zone={zone}
          />
        </section>
      )}
      <section>
        <h3 className="mb-1">Calls, newest first</h3>
        {calls.error && (
          <Failure
            what="Could not load the calls."
            error={calls.error}
            onRetry={() => void calls.refetch()}
          />
        )}
        {calls.isPending && (
          <div className="appear h-24 rounded-control bg-surface" role="status" aria-label="Loading" />
        )}
        {calls.data?.pages[0]?.calls.length === 0 && (
          <Note title={`No calls${kind ? ` with ${kindLabels[kind].toLowerCase()}` : ''}.`} />
        )}
        <ul className="rounded-card border border-line empty:hidden">
          {calls.data?.pages
            .flatMap(page => page.calls)
            .map(call => (
              <CallRow key={`${call.trace_id} ${call.span_id}`} call={call} zone={zone} />
            ))}
        </ul>
        {calls.hasNextPage && (
          <Button
            className="mt-2"
            disabled={calls.isFetchingNextPage}
            onClick={() => void calls.fetchNextPage()}
          >
            {calls.isFetchingNextPage ? 'Loading' : 'More calls'}
          </Button>
        )}
      </section>
    </div>
  );
}

/** What a million tokens, or a thousand pieces, cost on average. */
function Average({ kind, units, usd }: { kind: string; units: number | null; usd: string }) {
  if (!units) return MISSING;
  const per = isPiece(kind) ? 1e3 : 1e6;
  return `${format.usd((Number(usd) / units) * per)} / ${per === 1e3 ? '1k' : '1M'}`;
}

/** What was booked at first and what came later. */
function Booked({
  totals,
}: {
  totals: { cost_usd: string; booked_usd: string | null; adjustments_usd: string | null };
}) {
  const { cost_usd, booked_usd, adjustments_usd } = totals;
  if (booked_usd === null || adjustments_usd === null || nanosOf(adjustments_usd) === 0n) return null;
  return (
    <dl className="grid grid-cols-[1fr_auto] gap-y-1 rounded-card border border-line px-4 py-2">
      <dt>Priced when stored</dt>
      <dd className="text-right" title={exactUsd(booked_usd)}>
        {format.usd(booked_usd)}
      </dd>
      <dt>Posted since: repricings, adjustments</dt>
      <dd className="text-right" title={exactUsd(adjustments_usd)}>
        {signedUsd(adjustments_usd)}
      </dd>
      <dt className="font-semibold">Today</dt>
      <dd className="text-right font-semibold" title={exactUsd(cost_usd)}>
        {format.usd(cost_usd)}
      </dd>
    </dl>
  );
}
