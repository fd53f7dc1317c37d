import { useState } from 'react';
import type { RequestOf } from '#contract/endpoint.ts';
import type { backtestRule, WouldFire } from '#contract/rule.ts';
import { day, lasted, timeNear, viewerZone } from '../../clock.ts';
import { useBacktest } from '../../data/rules.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';

const DAYS = 60;

type Asked = RequestOf<typeof backtestRule>['rule'];

/** What a rule would have done, before it is saved. Asked when somebody wants to know, not at every key; null: not yet complete. */
export function Preview({ rule }: { rule: Asked | null }) {
  const [progress, setProgress] = useState<{ done: number; of: number } | null>(null);
  const backtest = useBacktest(setProgress);
  const look = () => rule && backtest.mutate({ rule, days: DAYS });
  const { data } = backtest;
  return (
    <section aria-label="Preview" className="flex flex-col gap-2 rounded-card bg-surface px-3 py-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p role="status" className="font-semibold">
          {backtest.isPending
            ? `Looking at the last ${DAYS} days${progress ? `: ${progress.done} of ${progress.of} series` : ''}…`
            : data
              ? `It ${data.sentence}.`
              : `What would it have done in the last ${DAYS} days?`}
        </p>
        <Button onClick={look} disabled={rule === null || backtest.isPending}>
          {data ? 'Look again' : 'Preview'}
        </Button>
      </div>
      {backtest.error && <Failure what="The rule could not be tried." error={backtest.error} />}
      {data && (
        <>
          <Days fired={data.fired} fromMs={Date.parse(data.from)} toMs={Date.parse(data.to)} />
          <p className="text-label text-muted">
            {data.judged === 0
              ? 'There were no data to judge: nothing was received, or too few calls at a time.'
              : `Judged ${Math.round((100 * data.judged) / Math.max(1, data.steps))} % of the time, in ${format.latency(data.took_ms)}, by the code that runs live.`}
          </p>
          {data.fired.length > 0 && <FiredList fired={data.fired} />}
        </>
      )}
    </section>
  );
}

/** A strip of days; where it would have fired is marked as long as it would have lasted. */
function Days({ fired, fromMs, toMs }: { fired: readonly WouldFire[]; fromMs: number; toMs: number }) {
  const at = (ms: number) => (1000 * (ms - fromMs)) / (toMs - fromMs);
  return (
    <div>
      <svg
        viewBox="0 0 1000 20"
        preserveAspectRatio="none"
        className="h-5 w-full rounded-control border border-line bg-bg"
        role="img"
        aria-label={`${fired.length} alerts in the time shown`}
      >
        <title>When it would have fired</title>
        {fired.map(({ fired_at, resolved_at, title }) => {
          const x = at(Date.parse(fired_at));
          const end = at(resolved_at ? Date.parse(resolved_at) : toMs);
          return (
            <rect
              key={`${fired_at}${title}`}
              x={x}
              y={0}
              width={Math.max(3, end - x)}
              height={20}
              className="fill-critical opacity-70"
            />
          );
        })}
      </svg>
      <div className="flex justify-between text-label text-muted">
        <span>{day(fromMs, viewerZone())}</span>
        <span>now</span>
      </div>
    </div>
  );
}

function FiredList({ fired }: { fired: readonly WouldFire[] }) {
  const newest = [...fired].reverse().slice(0, 50);
  return (
    <Disclosure summary={fired.length === 1 ? 'This one' : `These ${fired.length}`} open={fired.length <= 5}>
      <ul className="flex flex-col">
        {newest.map(({ title, fired_at, resolved_at }) => (
          <li key={`${fired_at}${title}`} className="border-t border-line py-1.5 first:border-t-0">
            {title}
            <span className="block text-label text-muted">
              {timeNear(Date.parse(fired_at), Date.now(), viewerZone())}
              {resolved_at === null
                ? ', still open'
                : `, for ${lasted(Date.parse(resolved_at) - Date.parse(fired_at))}`}
            </span>
          </li>
        ))}
      </ul>
      {fired.length > newest.length && (
        <p className="text-muted">and {fired.length - newest.length} before</p>
      )}
    </Disclosure>
  );
}
