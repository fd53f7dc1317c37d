import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import type { AlertSummary } from '#contract/alert.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { useAlerts } from '../../data/alerts.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { type InboxTab, inboxTab } from '../alerts/inbox.ts';

const SHOWN = 2;

/** The answer of the overview: what needs attention, or that nothing does. Its height does not depend on the answer. */
export function StatusLine() {
  const { data, error, refetch } = useAlerts();
  const now = Date.now();
  const lying = (tab: InboxTab) => data?.alerts.filter(alert => inboxTab(alert, now) === tab) ?? [];
  const firing = lying('firing');
  // What somebody has taken is no news, but it is not over either.
  const shown = [...firing, ...lying('acknowledged')];
  if (!data)
    return error ? (
      <>
        <h1 className="sr-only">Overview</h1>
        <Failure what="Could not load the alerts." error={error} onRetry={() => void refetch()} />
      </>
    ) : (
      <>
        <h1 className="sr-only">Overview</h1>
        <div className="shell-title" />
      </>
    );
  return (
    <section aria-label="Status" className="mb-4 min-h-[92px]">
      <h1 className="flex items-center gap-2 text-h1">
        <StatusIcon status={firing.length ? 'critical' : shown.length ? 'warning' : 'good'} size={20} />
        {firing.length
          ? `${things(firing.length)} attention`
          : `Nothing ${shown.length ? 'new ' : ''}needs attention`}
      </h1>
      <div className="mt-1">
        {shown.length > 0 && <OpenAlerts alerts={shown} now={now} />}
        {shown.length < SHOWN && (
          <div className={shown.length > 0 ? 'max-md:hidden' : undefined}>
            <Watching {...data.watching} />
          </div>
        )}
      </div>
    </section>
  );
}

const things = (count: number) => (count === 1 ? '1 thing needs' : `${count} things need`);

function OpenAlerts({ alerts, now }: { alerts: AlertSummary[]; now: number }) {
  const zone = viewerZone();
  return (
    <ul className="flex flex-col gap-0.5 text-body md:text-lead">
      {alerts.slice(0, SHOWN).map((alert, at) => (
        <li key={alert.id} className="flex min-h-7 flex-wrap items-center gap-x-2">
          <Link to="/a/$id" params={{ id: alert.id }} className="text-accent hover:underline">
            {alert.title}
          </Link>
          <span className="text-body text-muted">
            since {timeNear(Date.parse(alert.changed_at), now, zone)}
            {alert.acknowledged_by && `, taken by ${alert.acknowledged_by}`}
          </span>
          {at === SHOWN - 1 && alerts.length > SHOWN && (
            <Link
              to="/alerts"
              className="inline-flex items-center gap-1 text-body text-accent hover:underline"
            >
              and {alerts.length - SHOWN} more <ArrowRight size={14} aria-hidden />
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}

interface WatchingProps {
  series: number;
  learning: number;
  evaluated_until: string | null;
}

/** How much the silence is worth. */
export function Watching({ series, learning, evaluated_until }: WatchingProps) {
  if (series + learning === 0)
    return <p className="text-muted">Nothing is watched yet; series are found as requests arrive.</p>;
  const until = evaluated_until ? Date.parse(evaluated_until) : null;
  const parts = [
    `${format.count(series + learning)} series watched`,
    learning > 0 &&
      `${series > 0 ? `${format.count(learning)} of them` : 'all'} still learning what is normal`,
  ];
  return (
    <p className="max-w-text text-muted">
      {parts.filter(Boolean).join(', ')}
      {until !== null && `; checked until ${timeNear(until, Date.now(), viewerZone())}`}.
    </p>
  );
}
