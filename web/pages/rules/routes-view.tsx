import { type FormEvent, useState } from 'react';
import type { AlertRoute } from '#contract/route.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { useRouting, useSaveRouting } from '../../data/rules.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { RouteTimeline } from './route-timeline.tsx';
import { matcherWords, span } from './words.ts';

/** Who is told of which alerts, in the order in which routes are tried, and the ping that says all is well. */
export function RoutesView() {
  const { data, error, refetch } = useRouting();
  if (!data)
    return error ? (
      <Failure what="Could not load the routes." error={error} onRetry={() => void refetch()} />
    ) : (
      <div role="status" className="appear h-48 rounded-card bg-surface">
        <span className="sr-only">Loading</span>
      </div>
    );
  const routes = [...data.routes, data.default_route];
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-text text-muted">
        The first route that matches is taken. Routes are written in driftline.yaml and applied with{' '}
        <code>npx driftline apply</code>.
      </p>
      <ol className="flex flex-col gap-3">
        {routes.map(route => (
          <li key={route.name} className="rounded-card border border-line p-4">
            <RouteCard route={route} />
          </li>
        ))}
      </ol>
      <Heartbeat routing={data} />
    </div>
  );
}

function RouteCard({ route }: { route: AlertRoute }) {
  const { name, match, channels, group_by: by, escalation } = route;
  const to =
    channels === null ? 'every channel' : channels.length === 0 ? 'nobody, only shown' : channels.join(', ');
  return (
    <div className="flex flex-col gap-2">
      <h2 className="font-semibold">{name}</h2>
      <p>
        {match.length === 0 ? 'Everything else' : match.map(matcherWords).join(' and ')} → {to}
        {by.length > 0 && <span className="text-muted">, one message by {by.join(' and ')}</span>}
      </p>
      <RouteTimeline route={route} />
      {escalation.map(step => (
        <p key={step.after_s} className="text-muted">
          Nobody acknowledges for {span(step.after_s)}: also {step.channels.join(', ')}
        </p>
      ))}
    </div>
  );
}

function Heartbeat({ routing }: { routing: NonNullable<ReturnType<typeof useRouting>['data']> }) {
  const { heartbeat, heartbeat_status: status, routes, inhibit } = routing;
  const [url, setUrl] = useState(heartbeat.url ?? '');
  const save = useSaveRouting();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ routes, inhibit, heartbeat: { url: url.trim() || null } });
  };
  return (
    <section aria-labelledby="heartbeat" className="flex flex-col gap-2 rounded-card border border-line p-4">
      <h2 id="heartbeat" className="font-semibold">
        Heartbeat
      </h2>
      <p className="max-w-text text-muted">
        Driftline calls this address every minute while it evaluates and sends as it should. Let a monitor
        elsewhere raise the alarm when the call stays away.
      </p>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <TextField
          label="Address"
          type="url"
          className="min-w-0 flex-1 basis-60"
          placeholder="https://monitor.example.com/ping/…"
          value={url}
          onChange={event => setUrl(event.target.value)}
        />
        <Button type="submit" disabled={save.isPending || url.trim() === (heartbeat.url ?? '')}>
          {save.isPending ? 'Saving' : 'Save'}
        </Button>
      </form>
      {save.error && <Failure what="The address was not saved." error={save.error} />}
      {heartbeat.url !== null && (
        <p className="flex items-start gap-1.5">
          <StatusIcon status={status.last_error || status.unhealthy.length > 0 ? 'warning' : 'good'} />
          <span>
            {status.last_sent_at
              ? `Last arrived ${timeNear(Date.parse(status.last_sent_at), Date.now(), viewerZone())}`
              : 'Nothing has arrived there yet'}
            {status.last_error && `; the last call failed: ${status.last_error}`}
            {status.unhealthy.length > 0 && `; held back: ${status.unhealthy.join(', ')}`}
          </span>
        </p>
      )}
    </section>
  );
}
