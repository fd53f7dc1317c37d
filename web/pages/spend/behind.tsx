import { useState } from 'react';
import type { SpendTotals } from '#contract/spend.ts';
import { type Spend, useRepricings, useSpendCalls } from '../../data/spend.ts';
import { useUnpriced } from '../../data/unpriced.ts';
import { format } from '../../format.ts';
import { changeOf, exactUsd, minusUsd, nanosOf, shareOf, signedUsd, sumUsd } from '../../money.ts';
import type { Asked } from '../../states/panel.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { AddPrices } from './add-prices.tsx';
import { AdjustmentList } from './adjustment-list.tsx';
import { ClientCauses } from './client-causes.tsx';
import type { SpendView } from './use-spend-view.ts';

/** What stands behind the total: what has no price, what was posted later, what a cache saved, what senders said. */
export function Behind({ view, query }: { view: SpendView; query: Asked<Spend> }) {
  return (
    <Panel
      title="Behind the total"
      what="what stands behind the total"
      query={query}
      height={120}
      className="mt-4"
    >
      {spend => (
        <dl className="grid gap-x-6 px-4 pb-2 md:grid-cols-2">
          <Coverage view={view} spend={spend} />
          <Estimated spend={spend} />
          <Adjusted view={view} totals={spend.totals} />
          <CacheSaving totals={spend.totals} />
          <ClientSent view={view} totals={spend.totals} />
        </dl>
      )}
    </Panel>
  );
}

interface FactProps {
  term: string;
  figure: React.ReactNode;
  title?: string | undefined;
  children: React.ReactNode;
}

function Fact({ term, figure, title, children }: FactProps) {
  return (
    <div className="border-t border-line py-2 md:[&:nth-child(-n+2)]:border-t-0 max-md:first:border-t-0">
      <dt className="flex items-baseline justify-between gap-3">
        <span className="font-semibold">{term}</span>
        <span className="font-semibold whitespace-nowrap" title={title}>
          {figure}
        </span>
      </dt>
      <dd className="max-w-text text-muted">{children}</dd>
    </div>
  );
}

function Coverage({ view, spend: { totals, meta } }: { view: SpendView; spend: Spend }) {
  const [open, setOpen] = useState(false);
  const { unpriced_calls, unbounded_calls, low_usd, bounded_high_usd, cost_usd } = totals;
  const unpriced = useUnpriced(view.range, Boolean(unpriced_calls));
  if (!unpriced_calls)
    return (
      <Fact term="Unpriced" figure={format.count(0)}>
        Every call of the month has a price.
      </Fact>
    );
  const models = unpriced.data?.models ?? [];
  const missing = meta.coverage.tokens === null ? null : 1 - meta.coverage.tokens;
  // Bounds of the total are those of estimated tokens as well: what is unpriced is told by its models.
  const ofModels = (bound: 'low_usd' | 'high_usd') =>
    models.length > 0 ? sumUsd(models.map(model => model[bound] ?? '0.000000000')) : null;
  const ofTotal = (usd: string | null) =>
    usd === null || meta.coverage.estimated_tokens ? null : minusUsd(usd, cost_usd);
  const [low, high] = [
    ofModels('low_usd') ?? ofTotal(low_usd),
    ofModels('high_usd') ?? ofTotal(bounded_high_usd),
  ];
  const isUnbounded =
    models.length > 0 ? models.some(model => model.unbounded_calls > 0) : Boolean(unbounded_calls);
  return (
    <Fact
      term="Unpriced"
      figure={
        low && high
          ? `${signedUsd(low)} to ${isUnbounded ? 'at least ' : ''}${signedUsd(high)}`
          : `${format.count(unpriced_calls)} calls`
      }
      title={high ? `not in the total; at most ${exactUsd(high)}` : undefined}
    >
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span>
          <span className="mr-1 inline-block align-middle">
            <StatusIcon status="warning" size={14} />
          </span>
          {models.length > 0 &&
            `${models.length === 1 ? '1 model' : `${format.count(models.length)} models`}, `}
          {format.count(unpriced_calls)} calls{missing !== null && `, ${format.percent(missing)} of tokens`},
          not in the total.
        </span>
        {models.length > 0 && <Button onClick={() => setOpen(true)}>Add prices</Button>}
      </span>
      <AddPrices models={models} open={open} onClose={() => setOpen(false)} />
    </Fact>
  );
}

/** Tokens that senders did not count: the total takes them at their word, budgets take the high bound. */
function Estimated({ spend: { totals, meta } }: { spend: Spend }) {
  const { estimated_tokens: share } = meta.coverage;
  const { low_usd, bounded_high_usd: high_usd, unbounded_calls } = totals;
  if (!share || low_usd === null || high_usd === null) return null;
  return (
    <Fact
      term="Estimated tokens"
      figure={format.percent(share)}
      title={`the total lies between ${exactUsd(low_usd)} and ${exactUsd(high_usd)}`}
    >
      Senders estimated them, as a stream did not say. With unpriced calls the total lies between{' '}
      {format.usd(low_usd)} and {unbounded_calls ? 'at least ' : ''}
      {format.usd(high_usd)}; budgets use the upper end.
    </Fact>
  );
}

function Adjusted({ view, totals }: { view: SpendView; totals: SpendTotals }) {
  const { booked_usd, adjustments_usd } = totals;
  const changed = adjustments_usd !== null && nanosOf(adjustments_usd) !== 0n;
  const list =
    useSpendCalls({ ...view.range, where: view.where, limit: 1 }, changed).data?.pages[0]?.adjustments ?? [];
  const repricings = useRepricings(changed).data?.repricings ?? [];
  if (!changed || booked_usd === null)
    return (
      <Fact term="Adjustments" figure={format.usd(0)}>
        Nothing was posted after the calls were priced.
      </Fact>
    );
  const posted = repricings.filter(
    ({ state, from, to }) =>
      state === 'posted' && Date.parse(from) < view.toMs && Date.parse(to) > view.fromMs,
  );
  return (
    <Fact term="Adjustments" figure={signedUsd(adjustments_usd)} title={exactUsd(adjustments_usd)}>
      Booked here on top of the {format.usd(booked_usd)} that calls were priced at first.
      {posted.length + list.length > 0 && (
        <Disclosure summary="Reasons">
          <ul className="mb-1">
            {posted.map(one => (
              <li key={one.posting_id}>
                {signedUsd(one.change_usd)} in all:{' '}
                {one.note || `repriced ${one.models.join(', ') || 'all models'}`}
                {one.by && `, by ${one.by}`}
              </li>
            ))}
          </ul>
          {list.length > 0 && <AdjustmentList adjustments={list} repricings={repricings} zone={view.zone} />}
        </Disclosure>
      )}
    </Fact>
  );
}

function CacheSaving({ totals: { cache_saving_usd, uncached_usd } }: { totals: SpendTotals }) {
  if (cache_saving_usd === null || uncached_usd === null)
    return (
      <Fact term="Saved by caching" figure="-">
        Cannot be told for this view.
      </Fact>
    );
  const saved = nanosOf(cache_saving_usd);
  const part = shareOf(cache_saving_usd, uncached_usd);
  return (
    <Fact
      term="Saved by caching"
      figure={saved < 0n ? signedUsd(cache_saving_usd) : format.usd(cache_saving_usd)}
      title={exactUsd(cache_saving_usd)}
    >
      {saved === 0n
        ? 'No call read from a cache.'
        : saved > 0n
          ? `The same calls without a cache would have cost ${format.usd(uncached_usd)}; the cache spared ${format.percent(part)} of that.`
          : `Writing to the cache cost more than reading from it saved; without it ${format.usd(uncached_usd)}.`}
    </Fact>
  );
}

function ClientSent({
  view,
  totals: { client_usd, client_ours_usd },
}: {
  view: SpendView;
  totals: SpendTotals;
}) {
  if (client_usd === null || client_ours_usd === null || nanosOf(client_usd) === 0n)
    return (
      <Fact term="Senders’ own cost" figure="-">
        No sender reported a cost of its own.
      </Fact>
    );
  const difference = minusUsd(client_usd, client_ours_usd);
  const change = changeOf(client_usd, client_ours_usd);
  return (
    <Fact term="Senders’ own cost" figure={format.usd(client_usd)} title={exactUsd(client_usd)}>
      {nanosOf(difference) === 0n
        ? 'The same as ours for these calls.'
        : `Ours for the same calls is ${format.usd(client_ours_usd)}: theirs is ${signedUsd(difference)}${change === null ? '' : ` (${format.percent(Math.abs(change))} ${change > 0 ? 'more' : 'less'})`}.`}
      {nanosOf(difference) !== 0n && <ClientCauses view={view} oursUsd={client_ours_usd} />}
    </Fact>
  );
}
