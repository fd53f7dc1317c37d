import { useState } from 'react';
import type { ClientCostCause } from '#contract/client-cost.ts';
import { useClientCost } from '../../data/spend.ts';
import { format } from '../../format.ts';
import { exactUsd, minusUsd, nanosOf, signedUsd, sumUsd } from '../../money.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import type { SpendView } from './use-spend-view.ts';

const words: Record<ClientCostCause, string> = {
  same: 'the same, to half a percent',
  unpriced: 'no price here',
  nothing_sent: 'the sender says $0',
  cache_left_out: 'the sender leaves cache prices out',
  list_price: 'the sender takes the list price, not what was agreed',
  estimated: 'tokens were estimated',
  other: 'another price or another count',
};

/** What senders' costs differ by, and why; looked up when somebody asks, since it is read from the calls. */
export function ClientCauses({ view, oursUsd }: { view: SpendView; oursUsd: string }) {
  const [asked, setAsked] = useState(false);
  const { data, error, refetch } = useClientCost({ ...view.range, where: view.where }, asked);
  if (!asked)
    return (
      <span className="mt-1 block">
        <Button onClick={() => setAsked(true)}>Explain the difference</Button>
      </span>
    );
  if (error) return <Failure what="Could not explain it." error={error} onRetry={() => void refetch()} />;
  if (!data) return <span className="block">Reading the calls</span>;
  // Ours is as booked there; what was posted since is in the sum of the page.
  const posted = minusUsd(sumUsd(data.causes.map(({ ours_usd }) => ours_usd)), oursUsd);
  return (
    <ul className="mt-1">
      {data.causes.map(({ cause, calls, difference_usd }) => (
        <li key={cause} className="flex justify-between gap-4 border-t border-line py-1">
          <span>
            {words[cause]}, {format.full(calls)} {calls === 1 ? 'call' : 'calls'}
          </span>
          <span className="whitespace-nowrap" title={exactUsd(difference_usd)}>
            {signedUsd(difference_usd)}
          </span>
        </li>
      ))}
      {data.one_in === 1 && nanosOf(posted) !== 0n && (
        <li className="flex justify-between gap-4 border-t border-line py-1">
          <span>repriced since</span>
          <span className="whitespace-nowrap" title={exactUsd(posted)}>
            {signedUsd(posted)}
          </span>
        </li>
      )}
      {data.one_in > 1 && (
        <li className="border-t border-line py-1">
          From one in {format.full(data.one_in)} hours: there are very many calls.
        </li>
      )}
    </ul>
  );
}
