import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Repricing } from '#contract/spend.ts';
import { usePostRepricing, usePreviewRepricing } from '../../data/prices.ts';
import { format } from '../../format.ts';
import { exactUsd, nanosOf, signedUsd, usdOf } from '../../money.ts';
import { monthName } from '../../month.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';

interface RepriceOfferProps {
  /** The days before now that have other prices since; null when there are none. */
  past: { from: string; to: string } | null;
  models: string[];
  note: string;
  by: string;
  onClose: () => void;
}

/** What was booked stays; the difference to today's prices can be posted beside it, after a look at it. */
export function RepriceOffer({ past, models, note, by, onClose }: RepriceOfferProps) {
  const [progress, setProgress] = useState(0);
  const preview = usePreviewRepricing(setProgress);
  const post = usePostRepricing(setProgress);
  const shown = preview.data;
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="flex items-center gap-2 font-semibold">
        <StatusIcon status="good" />
        {post.data
          ? `Posted: ${format.full(post.data.calls)} calls, ${signedUsd(post.data.change_usd)}.`
          : 'The price book is changed. New calls follow within five seconds.'}
      </p>
      {post.data && (
        <p>
          Its months are added up anew within minutes, closed ones excepted: what is theirs is booked in the
          open month.{' '}
          <Link to="/spend" className="text-accent underline">
            See spend
          </Link>
        </p>
      )}
      {past && !post.data && (
        <div className="flex flex-col gap-2 rounded-card border border-line p-3">
          <p>
            Calls {past.from === '1970-01-01' ? 'so far' : `since ${past.from.slice(0, 10)}`} were booked at
            the prices known then. Nothing is edited: the difference can be posted beside what was booked.
          </p>
          {shown && (
            <p role="status">
              {shown.calls === 0
                ? 'No booked call changes.'
                : nanosOf(shown.change_usd) === 0n
                  ? `${format.full(shown.calls)} calls change; what they cost together stays ${format.usd(shown.before_usd)}.`
                  : `${format.full(shown.calls)} calls change: ${format.usd(shown.before_usd)} becomes ${format.usd(shown.after_usd)}, ${signedUsd(shown.change_usd)}.`}
              {shown.newly_priced > 0 && ` ${format.full(shown.newly_priced)} of them had no price.`}
            </p>
          )}
          {shown && shown.calls > 0 && <ByMonth effect={shown.effect} />}
          {preview.error && <Failure what="The difference could not be computed." error={preview.error} />}
          {post.error && <Failure what="The difference was not posted." error={post.error} />}
          <div>
            {shown && shown.calls > 0 ? (
              <Button
                look="primary"
                disabled={post.isPending}
                onClick={() => {
                  setProgress(0);
                  post.mutate(shown.posting_id);
                }}
              >
                {post.isPending ? atWork('Posting', progress) : 'Post the difference'}
              </Button>
            ) : (
              !shown && (
                <Button
                  disabled={preview.isPending}
                  onClick={() =>
                    preview.mutate({ from: `${past.from.slice(0, 10)}T00:00:00Z`, models, note, by })
                  }
                >
                  {preview.isPending ? atWork('Computing', progress) : 'Show the difference for booked calls'}
                </Button>
              )
            )}
          </div>
        </div>
      )}
      <div className="flex justify-end">
        <Button look={past && !post.data ? 'plain' : 'primary'} onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}

const atWork = (what: string, progress: number) =>
  progress > 0 ? `${what}, ${format.percent(progress)}` : what;

/** Where the difference will stand: in the month of its calls, or for a closed one as an adjustment of the open month. */
function ByMonth({ effect }: { effect: Repricing['effect'] }) {
  const months = new Map<string, { closed: boolean; calls: number; nanos: bigint }>();
  for (const { month, closed, calls, change_usd } of effect) {
    const sum = months.get(month) ?? { closed, calls: 0, nanos: 0n };
    months.set(month, { closed, calls: sum.calls + calls, nanos: sum.nanos + nanosOf(change_usd) });
  }
  return (
    <ul>
      {[...months].sort().map(([month, { closed, calls, nanos }]) => (
        <li key={month} className="flex justify-between gap-4 border-t border-line py-1">
          <span>
            {monthName(month)}, {format.full(calls)} calls
            {closed && (
              <span className="block text-muted">closed: booked in the open month, with the reason</span>
            )}
          </span>
          <span className="whitespace-nowrap" title={exactUsd(usdOf(nanos))}>
            {signedUsd(usdOf(nanos))}
          </span>
        </li>
      ))}
    </ul>
  );
}
