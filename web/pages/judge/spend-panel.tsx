import type { JudgeState } from '../../data/judge.ts';
import { format } from '../../format.ts';
import { shareOf } from '../../money.ts';
import { Block } from '../../ui/block.tsx';
import { classes } from '../../ui/classes.ts';
import { StatusIcon } from '../../ui/status.tsx';
import { manyOf } from './words.ts';

/** What judges cost today against the cap; apart from what the product spends. */
export function SpendPanel({ state: { spend, settings, local } }: { state: JudgeState }) {
  const cap = settings.cap_usd_per_day;
  const share = cap === null ? null : shareOf(spend.spent_usd, cap);
  const tokens = spend.input_tokens + spend.output_tokens;
  return (
    <Block title={`Spent on ${spend.day} (UTC)`}>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-figure">{format.usd(spend.spent_usd)}</span>
        <span className="text-muted">
          {cap === null ? 'no cap' : `of ${format.usd(cap)} a day`}
          {share !== null && `, ${format.percent(share)}`}
        </span>
      </p>
      {share !== null && (
        <div aria-hidden className="mt-1 h-2 overflow-hidden rounded-full bg-surface">
          <div
            className={classes(
              'h-full',
              share >= 1 ? 'bg-critical' : share >= 0.8 ? 'bg-warning' : 'bg-accent',
            )}
            style={{ width: `${Math.min(100, share * 100)}%` }}
          />
        </div>
      )}
      {spend.stopped && (
        <p className="mt-2 flex items-center gap-2 font-semibold text-warning">
          <StatusIcon status="warning" />
          Nothing more is judged until midnight UTC.
        </p>
      )}
      <p className="mt-2 text-muted">
        {manyOf(spend.calls, 'question')}, {format.count(tokens)} tokens
        {spend.failed_calls > 0 && `, ${format.count(spend.failed_calls)} attempts failed`}.
      </p>
      {spend.unpriced_calls > 0 && !local && (
        <p className="mt-1 text-warning">
          {manyOf(spend.unpriced_calls, 'question')} without a price do not count towards the cap: add a price
          for {settings.model}.
        </p>
      )}
    </Block>
  );
}
